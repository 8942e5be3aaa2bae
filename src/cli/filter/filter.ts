import fs from 'node:fs';
import nodePath from 'node:path';
import { decimal, type Option, path, text } from '../../config/options.ts';
import { escapeText, type TrainerError } from '../../core/errors.ts';
import { createFolder, formatCount, writeFileAtomic } from '../../core/files.ts';
import { formatTable, wordColumns } from '../../core/table.ts';
import { type ColorImage, toGray } from '../../image/color.ts';
import { filterImage, type ImageFilter, maxFilterSide, namedFilters } from '../../image/filters.ts';
import { parseFilterRows } from '../../image/parse-filter.ts';
import { formatImage } from '../../report/half-block.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { formatCommand, usageError } from '../command-line.ts';
import { readPicture } from '../given-picture.ts';
import { findOutFile } from '../out-file.ts';

const plus: Option<number | undefined> = {
  placeholder: '<x>',
  default: undefined,
  description: 'add this to each result of --kernel (default: 0)',
  accepted: 'a number from -255 to 255',
  parse: (given) => {
    const value = /^[+-]?(\d+\.?\d*|\.\d+)$/.test(given) ? Number(given) : Number.NaN;
    return Math.abs(value) <= 255 ? value : undefined;
  },
};

const filterOptions = {
  out: path({
    default: undefined,
    placeholder: '<file.png>',
    description:
      'the file to write, overwritten if it exists (default: photo-NAME.png in the current folder, or photo-NAME-2.png and so on if that exists)',
  }),
  kernel: text({
    default: undefined,
    placeholder: '<rows>',
    description: `your own filter of up to ${maxFilterSide} x ${maxFilterSide} numbers, applied as written (not flipped) and centered on the pixel; if a side is even, the number after the middle is the center`,
  }),
  divide: decimal({
    default: undefined,
    above: 0,
    maximum: 1e6,
    description: 'divide the sums of --kernel by this (default: 1)',
  }),
  plus,
} as const;

type FilterContext = CommandContext<typeof filterOptions>;

/** `mnist-cnn filter`: sends a picture through an image filter, by convolution. */
export const filter = defineCommand({
  name: 'filter',
  operands: '[name image...]',
  examples: [
    ['mnist-cnn filter', 'list the named filters'],
    ['mnist-cnn filter emboss photo.jpg', 'writes photo-emboss.png, in color'],
    ['mnist-cnn filter edge-all photo.jpg --out edges.png', 'writes that file, even if it exists'],
    ["mnist-cnn filter photo.jpg --kernel '0 1 0; 1 -4 1; 0 1 0' --plus 128", 'your own numbers'],
    ["mnist-cnn filter photo.jpg --kernel '[[1,2,1]]' --divide 4", 'a filter written as JSON'],
  ],
  options: filterOptions,
  run: async (context) => {
    if (context.operands.length === 0 && context.options.kernel === undefined) return listFilters(context);
    const { name, chosen, picture } = readCall(context);
    const out = findOutFile(context, ['.png']);
    const { name: source, bytes } = await readPicture(picture);
    // With these come the decoders, which --help need not wait for.
    const { decodeColorImage } = await import('../../image/decode.ts');
    const { encodePixels } = await import('../../report/png.ts');
    const image = await decodeColorImage({ name: source, bytes, isAnyShape: true });
    noteWork(context, image.pixels.length * countWeights(chosen));
    const filtered = filterImage(image, chosen);
    const file = out ?? nameFile(name, picture);
    createFolder(nodePath.dirname(file));
    writeFileAtomic(file, await encodePixels(filtered));
    reportResult(context, { name, chosen, picture, filtered, file });
  },
});

/** What a call asks for. */
interface FilterCall {
  /** The filter's name; `own` for that of `--kernel`. */
  readonly name: string;
  readonly chosen: ImageFilter;
  readonly picture: string;
}

function readCall({ operands, options }: FilterContext): FilterCall {
  if (options.kernel !== undefined) {
    const [picture, ...more] = operands;
    if (picture === undefined || more.length > 0) {
      throw usageError(
        'filter',
        `filter with --kernel needs one picture and no name, found ${formatWords(operands)}`,
      );
    }
    const { kernel, divide = 1, plus: added = 0 } = options;
    return { name: 'own', chosen: { rows: parseFilterRows(kernel), divide, plus: added }, picture };
  }
  if (options.divide !== undefined || options.plus !== undefined) {
    throw usageError('filter', '--divide and --plus need --kernel: the named filters have their own values');
  }
  const [name = '', picture, ...more] = operands;
  const chosen = namedFilters.find((known) => known.name === name);
  if (chosen === undefined) throw unknownFilter(name);
  if (picture === undefined || more.length > 0) {
    throw usageError('filter', `filter needs a name and one picture, found ${formatWords(operands)}`);
  }
  return { name, chosen, picture };
}

function formatWords(words: readonly string[]): string {
  return words.length === 0 ? 'nothing' : `"${escapeText(words.join(' '))}"`;
}

function unknownFilter(name: string): TrainerError {
  return usageError('filter', `unknown filter "${escapeText(name)}"`, {
    expected: namedFilters.map((known) => known.name).join(', '),
    actual: name,
    hint: formatFilters(),
  });
}

function listFilters({ output }: FilterContext): void {
  if (output.json) return output.result(namedFilters);
  output.result(formatFilters());
  output.next('mnist-cnn filter --help');
}

function formatFilters(): string {
  return formatTable(
    wordColumns(['filter', 'size', 'does']),
    namedFilters.map((known) => [known.name, formatSize(known), known.does]),
  );
}

/** 3 columns and 2 rows -> "3 x 2". */
function formatSize({ rows }: ImageFilter): string {
  return `${rows[0]?.length ?? 0} x ${rows.length}`;
}

/** Weights that are not 0: each costs a multiplication for each sample of the picture. */
function countWeights({ rows }: ImageFilter): number {
  return rows.flat().filter((weight) => weight !== 0).length;
}

function noteWork({ output }: FilterContext, multiplications: number): void {
  if (multiplications < 3e9) return;
  const billions = formatCount(Math.round(multiplications / 1e9));
  output.note(`${billions} billion multiplications: this takes a while; the file is written at the end`);
}

/** A name of the picture's and the filter's that no file has yet. */
function nameFile(name: string, picture: string): string {
  const stem = picture === '-' ? 'picture' : nodePath.parse(picture).name;
  for (let number = 1; ; number++) {
    const file = `${stem}-${name}${number === 1 ? '' : `-${number}`}.png`;
    if (!fs.existsSync(file)) return file;
  }
}

function reportResult(
  { output }: FilterContext,
  result: FilterCall & { readonly filtered: ColorImage; readonly file: string },
): void {
  const { name, chosen, picture, filtered, file } = result;
  const { width, height, channels } = filtered;
  if (output.json) {
    const { rows, divide, plus: added } = chosen;
    output.result({ filter: name, rows, divide, plus: added, picture, width, height, channels, file });
    return;
  }
  output.result(formatImage(toGray(filtered), { width, height, color: output.hasColor }));
  const size = `${formatCount(width)} x ${formatCount(height)} pixels, ${channels === 1 ? 'gray' : 'color'}`;
  output.result(`${escapeText(file)}: ${name} (${formatSize(chosen)}) of ${escapeText(picture)}, ${size}`);
  const next =
    namedFilters[(namedFilters.findIndex((known) => known.name === name) + 1) % namedFilters.length];
  output.next(formatCommand('filter', picture === '-' ? {} : { operands: [next?.name ?? '', picture] }));
}
