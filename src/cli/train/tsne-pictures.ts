import fs from 'node:fs';
import nodePath from 'node:path';
import { countLastFeatures } from '../../analyze/last-features.ts';
import { escapeText, formatErrno, TrainerError } from '../../core/errors.ts';
import { createFolder, formatCount } from '../../core/files.ts';
import { formatPercent } from '../../core/percent.ts';
import { formatDuration } from '../../core/time.ts';
import { type Examples, takeRange } from '../../data/split.ts';
import type { Model } from '../../model/model.ts';
import type { EmbeddingScene } from '../../report/embedding-animation.ts';
import { readEmbedding } from '../../report/embedding-files.ts';
import type { EmbeddingWords } from '../../report/embedding-picture.ts';
import {
  dropKeptWeights,
  forgetLaterSteps,
  listKeptSteps,
  listSteps,
  stepName,
} from '../../run/kept-weights.ts';
import type { StepEvent, TrainEvent } from '../../train/events.ts';
import type { Output } from '../output.ts';
import { startTsneChild } from '../tsne/child.ts';
import { createDrawingProgress } from '../tsne/drawing-progress.ts';
import { describeFeatures } from '../tsne/picture-words.ts';
import { tsneDefaults } from '../tsne/tsne-defaults.ts';
import { keepStep, loadStep } from './kept-steps.ts';

/** What `train --tsne` needs of its run. */
export interface TrainingPicturesInput {
  readonly model: Model;
  /** The model folder. */
  readonly folder: string;
  readonly test: Examples;
  readonly every: number | 'log-points';
  readonly seed: number;
  /** Steps done before this process began: files of later ones are made again. */
  readonly startStep: number;
  readonly points: () => readonly Omit<StepEvent, 'type'>[];
  readonly output: Output;
}

/** The t-SNE pictures of a training. */
export interface TrainingPictures {
  /** Keeps what the picture of a log point needs, where one is due. */
  readonly keep: (event: TrainEvent) => void;
  /** Draws what is kept, in a child process. The model has other weights afterwards. */
  readonly draw: (signal: AbortSignal) => Promise<void>;
}

/** Opens the pictures of a new run, or of a resumed one. */
export function openTrainingPictures(input: TrainingPicturesInput): TrainingPictures {
  const { model, every } = input;
  const folder = nodePath.join(input.folder, 'tsne');
  const width = countLastFeatures(model.architecture);
  let keptStep: number | undefined;
  createFolder(folder);
  forgetLaterSteps(folder, input.startStep);
  return {
    keep: (event) => {
      const isPoint = event.type === 'step' && (every === 'log-points' || event.step % every === 0);
      const isEnd = event.type === 'ended' && event.reason !== 'interrupted' && event.step > input.startStep;
      if (!(isPoint || isEnd) || event.step === keptStep) return;
      keepStep(folder, event.step, model);
      keptStep = event.step;
    },
    draw: (signal) => drawSteps(folder, { ...input, width }, signal),
  };
}

type Drawing = TrainingPicturesInput & { readonly width: number };

async function drawSteps(folder: string, drawing: Drawing, signal: AbortSignal): Promise<void> {
  const { output } = drawing;
  const drawn = new Set(listSteps(folder, '.csv'));
  const due = listKeptSteps(folder).filter((step) => !drawn.has(step));
  const animation = nodePath.join(folder, 'animation.gif');
  if (due.length === 0 && (drawn.size < 2 || fs.existsSync(animation))) return;
  output.note(
    `drawing ${formatCount(due.length)} t-SNE pictures into ${escapeText(folder)}; after Ctrl-C, --resume draws the rest`,
  );
  const child = startTsneChild(signal);
  const progress = await createDrawingProgress(output, due.length + 1);
  try {
    const scenes: EmbeddingScene[] = [];
    for (const step of [...drawn, ...due].sort((left, right) => left - right)) {
      const words = describeStep(step, drawing);
      if (!drawn.has(step)) {
        progress.begin(`of step ${formatCount(step)}`);
        const startMs = performance.now();
        const request = await createRequest(folder, step, { ...drawing, words, isLast: step === due.at(-1) });
        if (request === undefined) continue;
        const start = scenes.at(-1)?.map.positions;
        const { divergence } = await child.run(start ? { ...request, start } : request, progress.show);
        const spent = formatDuration(performance.now() - startMs);
        progress.finish(`t-SNE of step ${step}: divergence ${divergence.toFixed(3)}, ${spent}`);
      }
      dropKeptWeights(folder, step);
      scenes.push({ map: readEmbedding(nodePath.join(folder, `${stepName(step)}.csv`)), words });
    }
    if (scenes.length > 1) {
      progress.begin('animation');
      await child.run({ type: 'animation', file: animation, scenes }, progress.show);
    }
    progress.stop();
    output.note(`wrote ${escapeText(scenes.length > 1 ? animation : folder)}; to rotate the points in 3D:`);
    output.note(`  tensorboard --logdir ${escapeText(nodePath.join(folder, 'projector'))}`);
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    progress.stop();
    output.note('stopped drawing; the model is saved, and --resume draws the rest');
  } finally {
    progress.stop();
    child.stop();
  }
}

/** The request to the child for a step; nothing, with a warning, where what was kept is damaged. */
async function createRequest(
  folder: string,
  step: number,
  drawing: Drawing & { readonly words: EmbeddingWords; readonly isLast: boolean },
) {
  const { model, test, seed, words, isLast, output } = drawing;
  const { images, labels } = takeRange(test, 0, tsneDefaults.images);
  const { perplexity, iterations } = tsneDefaults;
  try {
    const { features, predictions } = await loadStep(folder, step, { model, images });
    const projector = isLast ? { projector: { folder: nodePath.join(folder, 'projector'), images } } : {};
    const common = {
      folder,
      name: stepName(step),
      words,
      options: { perplexity, iterations, seed },
      ...projector,
    };
    return { type: 'map' as const, ...common, features, labels, predictions };
  } catch (error) {
    if (!(error instanceof TrainerError) || error.code !== 'E_MODEL_FORMAT') throw error;
    output.warn(`no t-SNE picture of step ${step}: ${formatErrno(error)}`);
    dropKeptWeights(folder, step);
    return undefined;
  }
}

function describeStep(step: number, { model, test, width, points }: Drawing): EmbeddingWords {
  const accuracy = points().find((point) => point.step === step)?.test.accuracy;
  const measured = accuracy === undefined ? '' : `: test accuracy ${formatPercent(accuracy)}`;
  const when = step === 0 ? 'untrained' : `step ${formatCount(step)}`;
  return {
    title: `${model.architecture.name}, ${when}${measured}`,
    subtitle: describeFeatures(Math.min(tsneDefaults.images, test.count), width),
  };
}
