// The child process that computes and draws, so that the terminal stays alive meanwhile. It needs no TensorFlow.
import nodePath from 'node:path';
import { embed } from '../../analyze/embedding.ts';
import { reduceToComponents } from '../../analyze/pca.ts';
import { TrainerError } from '../../core/errors.ts';
import { writeFileAtomic } from '../../core/files.ts';
import { renderAnimation } from '../../report/embedding-animation.ts';
import { writeEmbedding } from '../../report/embedding-files.ts';
import { writeProjector } from '../../report/projector-files.ts';
import type { AnimationRequest, MapRequest, TsneReply, TsneRequest, TsneResult } from './messages.ts';

const componentCount = 50;
const progressEveryMs = 100;
let shownMs = 0;

// Ctrl-C reaches the whole group of processes; the parent ends this one.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(1));
process.on('message', (request: TsneRequest) => {
  answer(request).then(
    (result) => reply({ type: 'done', result }),
    (error: unknown) => reply(describeFailure(error)),
  );
});

function answer(request: TsneRequest): Promise<TsneResult> {
  return request.type === 'map' ? drawMap(request) : drawAnimation(request);
}

async function drawMap(request: MapRequest): Promise<TsneResult> {
  const { features, labels, predictions, options, start, projector, folder, name, words } = request;
  const points = reduceToComponents(features, labels.length, componentCount);
  const steps = embed(points, { ...options, start });
  let step = steps.next();
  for (; step.done !== true; step = steps.next()) await showProgress(step.value / options.iterations);
  const { positions, divergence } = step.value;
  if (projector !== undefined) {
    const { values, width } = points;
    const { images } = projector;
    await writeProjector(projector.folder, { name, values, width, labels, predictions, images });
  }
  const map = { positions, labels, predictions };
  return { positions, divergence, files: await writeEmbedding(folder, name, { map, words }) };
}

async function drawAnimation({ file, scenes }: AnimationRequest): Promise<TsneResult> {
  const frames = renderAnimation(scenes);
  let frame = await frames.next();
  for (; frame.done !== true; frame = await frames.next()) await showProgress(frame.value);
  writeFileAtomic(nodePath.resolve(file), frame.value);
  return { positions: new Float64Array(0), divergence: 0, files: [file] };
}

/** Tells the parent now and then, and lets its signals through. */
async function showProgress(part: number): Promise<void> {
  if (performance.now() - shownMs < progressEveryMs) return;
  shownMs = performance.now();
  reply({ type: 'progress', part });
  await new Promise(setImmediate);
}

/** Without a parent nobody listens, and the process ends by `disconnect`. */
function reply(message: TsneReply): void {
  if (process.connected) process.send?.(message);
}

function describeFailure(error: unknown): TsneReply {
  if (!(error instanceof TrainerError)) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { type: 'failed', code: 'E_INTERNAL', message, details: {} };
  }
  const { code, message, path, hint } = error;
  return {
    type: 'failed',
    code,
    message,
    details: { ...(path === undefined ? {} : { path }), ...(hint === undefined ? {} : { hint }) },
  };
}
