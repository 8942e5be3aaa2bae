import nodePath from 'node:path';
import { integer, path, toggle } from '../../config/options.ts';
import { dataKeys, dataOptions, strengthOptions, trainOptions } from '../../config/train-options.ts';
import { createFolder, formatCount, writeFileAtomic } from '../../core/files.ts';
import { alignColumns } from '../../core/table.ts';
import type { Examples } from '../../data/split.ts';
import { formatImage } from '../../report/half-block.ts';
import type { Picture } from '../../report/png.ts';
import { defineCommand } from '../command.ts';
import { formatCommand, pickFlags, usageError } from '../command-line.ts';
import { loadWithProgress } from '../download-progress.ts';
import { splitNames, splitOption, takeExample } from '../example-choice.ts';
import { runInterruptible } from '../interrupt.ts';
import { findOutFile } from '../out-file.ts';
import { joinImages, listVariants, takeVariant, type Varying } from './variants.ts';

const showOptions = {
  index: integer({ default: 0, minimum: 0, maximum: 999_999, description: 'which example, counted from 0' }),
  split: splitOption('train'),
  out: path({
    default: undefined,
    placeholder: '<file.png|file.svg>',
    description: 'also write the picture to this file',
  }),
  augment: {
    ...trainOptions.augment,
    description: 'also show it as this option of train varies it from epoch to epoch',
  },
  ...strengthOptions,
  seed: { ...trainOptions.seed, description: 'random seed for --augment' },
  plain: toggle({ description: 'write the digit alone, without a title' }),
  ...dataOptions,
} as const;

/** `mnist-cnn show`: draws one example in the terminal and prints the sizes of the data set. */
export const show = defineCommand({
  name: 'show',
  examples: [
    ['mnist-cnn show', 'the first training image'],
    ['mnist-cnn show --split test --index 115', 'a test image listed by eval'],
    ['mnist-cnn show --index 7 --out digit.png', 'also as a picture, with its label above'],
    ['mnist-cnn show --split test --out digit.png --plain', 'the digit alone, as predict reads it'],
    [
      'mnist-cnn show --augment elastic --out sheet.png',
      'six images, and what training sees of them in seven epochs',
    ],
  ],
  options: showOptions,
  run: async ({ options, origins, flags, output }) => {
    const { index, split } = options;
    const file = findOutFile({ options, origins }, ['.png', '.svg']);
    if (options.augment !== 'none' && split === 'test')
      throw usageError('show', '--augment is for training images: those of --split test are never varied');
    if (options.augment !== 'none' && options.plain)
      throw usageError('show', '--augment and --plain cannot be used together');
    const load = (signal: AbortSignal) => loadWithProgress(options, output, signal);
    const loaded = await runInterruptible(output, 'Stopping.', load);
    if (loaded === undefined) return;
    const { label, pixels } = takeExample(loaded[split], split, index);
    const isVaried = options.augment !== 'none';
    const variant = isVaried ? takeVariant(loaded.train, index, 1, options) : undefined;
    const title = `${splitNames[split]} image ${formatCount(index)} is a ${label}${isVaried ? `; beside it in epoch 1 with --augment ${options.augment}` : ''}`;
    if (file !== undefined && isVaried) await writeVariants(file, loaded.train, options);
    else if (file !== undefined) await writeDigit(file, pixels, options.plain ? undefined : title);
    if (output.json) {
      const sizes = { train: sizesOf(loaded.train), test: sizesOf(loaded.test) };
      return output.result({
        dataset: options.dataset,
        ...sizes,
        split,
        index,
        label,
        pixels: [...pixels],
        ...(variant && { variant: [...variant] }),
      });
    }
    const sizes = (['train', 'test'] as const).map((name) => [splitNames[name], formatSizes(loaded[name])]);
    output.result(alignColumns(sizes));
    const [drawn, width] = variant ? [joinImages(pixels, variant), 56] : [pixels, 28];
    output.result(`${title}\n${formatImage(drawn, { width, height: 28, color: output.hasColor })}`);
    if (file !== undefined) output.wrote([file]);
    output.next(
      formatCommand('train', {
        flags: pickFlags(flags, [...dataKeys, 'augment', ...Object.keys(strengthOptions), 'seed']),
      }),
    );
  },
});

/** Writes the digit under its title, or, without one, alone: each pixel ten pixels wide. */
async function writeDigit(file: string, pixels: Uint8Array, title: string | undefined): Promise<void> {
  // Loaded when needed: most calls draw in the terminal alone.
  const { renderDigit, renderDigitGrid } = await import('../../report/digit-grid.ts');
  const picture =
    title === undefined
      ? await renderDigit(pixels, 10)
      : await renderDigitGrid([{ pixels, caption: [] }], { title });
  writePicture(file, picture);
}

/** Writes some images from `index` on, each with its variants. */
async function writeVariants(
  file: string,
  examples: Examples,
  { index, ...varying }: Varying & { readonly index: number },
): Promise<void> {
  const { renderDigitGrid } = await import('../../report/digit-grid.ts');
  const { cells, columns } = listVariants(examples, index, varying);
  const title = `Training images with --augment ${varying.augment}`;
  writePicture(file, await renderDigitGrid(cells, { title, columns }));
}

function writePicture(file: string, picture: Picture): void {
  createFolder(nodePath.dirname(file));
  writeFileAtomic(file, file.toLowerCase().endsWith('.svg') ? picture.svg : picture.png);
}

function sizesOf({ count }: Examples) {
  return { images: [count, 28, 28], labels: [count] };
}

function formatSizes({ count }: Examples): string {
  return `images ${formatCount(count)} x 28 x 28, labels ${formatCount(count)}`;
}
