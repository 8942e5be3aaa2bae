import fs from 'node:fs';
import { addAbortSignal } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { decimal, integer, toggle } from '../../config/options.ts';
import { exitCodes, type TrainerError } from '../../core/errors.ts';
import { formatCount } from '../../core/files.ts';
import { listPictures } from '../../image/list-pictures.ts';
import { readPictureFile, readPictureStream } from '../../image/source.ts';
import type { Network } from '../../model/ensemble.ts';
import type { SavedModel } from '../../model/saved-model.ts';
import { predictPictures } from '../../predict/predict.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { repeatCommand, usageError } from '../command-line.ts';
import { runInterruptible } from '../interrupt.ts';
import { averageOptions, checkModelSource, openSavedModel, requireTask } from '../model-source.ts';
import { reportError } from '../output.ts';
import { formatCsvHeader, formatReading, type ReadingFormat } from './reading-text.ts';

const predictOptions = {
  ...averageOptions,
  topK: integer({
    default: 1,
    minimum: 1,
    maximum: 10,
    description: 'how many readings of a digit to list, the most likely first',
  }),
  minScore: decimal({
    default: 0,
    minimum: 0,
    maximum: 1,
    description: 'be unsure of a digit if its score is lower than this',
  }),
  single: toggle({ description: 'treat all ink in a picture as one digit' }),
  csv: toggle({ description: 'print results as CSV' }),
  show: toggle({ description: 'draw each stage, from the picture to digits of 28 x 28' }),
} as const;

type PredictContext = CommandContext<typeof predictOptions>;

/** `mnist-cnn predict`: reads the digits off each picture. */
export const predict = defineCommand({
  name: 'predict',
  operands: '[file|folder|-...]',
  examples: [
    ['mnist-cnn predict three.png', 'one picture: PNG, JPEG, BMP or WebP'],
    ['mnist-cnn predict --show --top-k 3 three.png', 'also show how it was prepared and the runners-up'],
    ['mnist-cnn predict number.jpg', 'several digits, in reading order: 4572'],
    ['mnist-cnn predict --json photos/', 'all pictures in a folder, one JSON object per line'],
    ['mnist-cnn predict --model models/a models/b three.png', 'the mean of two models, an ensemble'],
    ['mnist-cnn predict - < three.png', 'a picture from standard input'],
  ],
  options: predictOptions,
  run: async (context) => {
    checkUsage(context);
    const { output } = context;
    const folders = findModelFolders(context);
    for (const folder of folders) checkModelSource({ type: 'folder', folder });
    return runInterruptible(output, 'Stopping.', (signal) => readAll(context, folders, signal));
  },
});

function checkUsage({ operands, options, output }: PredictContext): void {
  const formats = [
    ...(options.csv ? ['--csv'] : []),
    ...(options.show ? ['--show'] : []),
    ...(output.json ? ['--json'] : []),
  ];
  const problem =
    operands.length === 0
      ? 'predict needs a picture, a folder of pictures, or - for standard input'
      : formats.length > 1
        ? `${formats.join(' and ')} cannot be used together`
        : undefined;
  if (problem !== undefined) throw usageError('predict', problem);
}

/** The model folders; until there is a `models/net`, that of the network that ships with this tool, which a line says. */
function findModelFolders({ options, origins, output }: PredictContext): readonly string[] {
  const [first] = options.model;
  if (origins.model !== 'default' || fs.existsSync(`${first}/model.json`)) return options.model;
  const shipped = fileURLToPath(new URL('../../../models/pretrained', import.meta.url));
  if (!fs.existsSync(`${shipped}/model.json`)) return options.model;
  output.note(`there is no ${first} yet: using the pretrained network that comes with mnist-cnn`);
  return [shipped];
}

async function readAll(
  context: PredictContext,
  folders: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const { operands, options, output } = context;
  const type = options.csv ? 'csv' : output.json ? 'json' : 'text';
  const format: ReadingFormat = { ...options, type, color: output.hasColor };
  if (type === 'csv') output.result(formatCsvHeader(options.topK));
  const readings = predictPictures(takeUntil(signal, listPictures(operands)), {
    networks: openOnce(folders, context),
    readBytes: (name) =>
      name === '-' ? readPictureStream(addAbortSignal(signal, process.stdin)) : readPictureFile(name),
    isSingle: options.single,
    keepStages: options.show,
    signal,
  });
  const failures: TrainerError[] = [];
  let count = 0;
  for await (const reading of readings) {
    if (signal.aborted) break;
    count += 1;
    if (reading.type !== 'failed') output.result(formatReading(reading, format));
    else if (operands.length === 1 && reading.name === operands[0]) throw reading.error;
    else {
      failures.push(reading.error);
      reportFailure(reading.error, context);
    }
  }
  noteEnd(context, count, failures.length);
  return failures[0] === undefined ? 0 : exitCodes[failures[0].code];
}

/** The items up to the signal: nothing new begins after it. */
function* takeUntil<Item>(signal: AbortSignal, items: Iterable<Item>): Generator<Item> {
  for (const item of items) {
    if (signal.aborted) return;
    yield item;
  }
}

/** TensorFlow and the models are loaded for the first pictures that need them: a bad file is answered at once. */
function openOnce(folders: readonly string[], context: PredictContext): () => Promise<readonly Network[]> {
  let opening: Promise<readonly Network[]> | undefined;
  return () => {
    opening ??= openNetworks(folders, context);
    return opening;
  };
}

async function openNetworks(
  folders: readonly string[],
  { operands, options, output }: PredictContext,
): Promise<readonly Network[]> {
  const { createNetworks } = await import('../../model/create-networks.ts');
  const models: SavedModel[] = [];
  for (const folder of folders) {
    const saved = await openSavedModel({ type: 'folder', folder }, output);
    requireTask(saved.model, 'digit', { folder, pictures: operands });
    models.push(saved);
  }
  return createNetworks(models, options.testShifts);
}

/** One line for each bad file, since others follow. */
function reportFailure(error: TrainerError, { output }: PredictContext): void {
  if (output.json) reportError(error, output);
  else output.alert(`mnist-cnn: ${error.message}`);
}

function noteEnd(context: PredictContext, count: number, failed: number): void {
  const { operands, options, output } = context;
  const [operand = ''] = operands;
  if (failed > 0) {
    output.alert(`mnist-cnn: ${formatCount(failed)} of ${formatCount(count)} pictures could not be read`);
  } else if (count > 1) output.note(`${formatCount(count)} pictures read`);
  else if (!options.show && operand !== '-') output.next(repeatCommand(context, { csv: false, show: true }));
}
