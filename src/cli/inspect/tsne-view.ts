import nodePath from 'node:path';
import { readLastFeatures } from '../../analyze/last-features.ts';
import { escapeText, TrainerError } from '../../core/errors.ts';
import { formatCount } from '../../core/files.ts';
import { formatDuration } from '../../core/time.ts';
import { type Examples, takeRange } from '../../data/split.ts';
import { countCorrect, predictClasses } from '../../evaluate/metrics.ts';
import { runInterruptible } from '../interrupt.ts';
import { chooseNextView, formatNext } from '../next-view.ts';
import { startTsneChild } from '../tsne/child.ts';
import { createDrawingProgress } from '../tsne/drawing-progress.ts';
import type { MapRequest, TsneResult } from '../tsne/messages.ts';
import { describeFeatures } from '../tsne/picture-words.ts';
import { tsneDefaults } from '../tsne/tsne-defaults.ts';
import type { InspectContext } from './inspect-options.ts';
import { findInspected, loadData, openDigitReader } from './inspected-model.ts';

const fewestImages = 10;
/** The time grows with the square of the images. */
const mostImages = 2000;

/** Draws where the last layer's input puts the first test images, and writes them for TensorBoard's projector. */
export async function showTsne(context: InspectContext): Promise<void> {
  const { options, output } = context;
  const folder = findFolder(context);
  const count = countImages(context);
  const loaded = await loadData(context);
  if (loaded === undefined) return;
  const examples = takeRange(loaded.test, 0, count);
  const { name, model } = await openDigitReader(context);
  const { features, logits } = await readLastFeatures(model, examples.images);
  const predictions = predictClasses(logits, examples.count);
  const right = countCorrect(predictions, examples.labels);
  const width = features.length / examples.count;
  const { perplexity, iterations, seed } = options;
  const settings = { perplexity, iterations, seed };
  const words = {
    title: `${model.architecture.name}: ${formatCount(right)} of ${formatCount(examples.count)} digits read correctly`,
    subtitle: describeFeatures(examples.count, width),
  };
  const drawn = await draw(context, examples, {
    type: 'map',
    folder,
    name: 'model',
    words,
    options: settings,
    features,
    labels: examples.labels,
    predictions,
    projector: { folder: nodePath.join(folder, 'projector'), images: examples.images },
  });
  if (drawn === undefined) return;
  const { divergence, files } = drawn;
  if (output.json) {
    const images = examples.count;
    return output.result({ model: name, images, features: width, ...settings, divergence, right, files });
  }
  output.result(
    `${name}: t-SNE of ${formatCount(examples.count)} test images, ${formatCount(width)} features each, divergence ${divergence.toFixed(3)} nats`,
  );
  output.wrote(files);
  output.note(`TensorBoard's projector can open ${escapeText(nodePath.join(folder, 'projector'))}`);
  output.next(formatNext(context, 'inspect', chooseNextView(model.architecture, 0)));
}

/** Where the pictures go, looked for before anything is loaded. */
function findFolder(context: InspectContext): string {
  const source = findInspected(context);
  const { outDir } = context.options;
  if (outDir !== undefined) return outDir;
  if (source.type === 'folder') return nodePath.join(source.folder, 'tsne');
  throw new TrainerError('E_USAGE', '--tsne writes pictures, but there is no model folder for them', {
    hint: 'Name a folder with --out-dir.',
  });
}

function countImages({ options }: InspectContext): number {
  const { images = tsneDefaults.images } = options;
  if (images >= fewestImages && images <= mostImages) return images;
  throw new TrainerError(
    'E_USAGE',
    `--images is ${images}, expected ${fewestImages} to ${formatCount(mostImages)} with --tsne`,
  );
}

/** Has the child process draw; nothing where a signal came. */
async function draw(
  { output }: InspectContext,
  { count }: Examples,
  request: MapRequest,
): Promise<TsneResult | undefined> {
  return runInterruptible(output, 'Stopping.', async (signal) => {
    const child = startTsneChild(signal);
    const progress = await createDrawingProgress(output, 1);
    try {
      const startMs = performance.now();
      progress.begin(`of ${formatCount(count)} images`);
      const result = await child.run(request, progress.show);
      progress.finish(`drawn in ${formatDuration(performance.now() - startMs)}`);
      return result;
    } finally {
      progress.stop();
      child.stop();
    }
  });
}
