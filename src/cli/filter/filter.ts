import fs from 'node:fs';
import nodePath from 'node:path';
import { decimal, type Option, path, text } from '../../config/options.ts';
import { escapeText, TrainerError } from '../../core/errors.ts';
import { createFolder, formatCount, writeFileAtomic } from '../../core/files.ts';
import { type ColorImage, toGray } from '../../image/color.ts';
import { filterImage, type ImageFilter, maxFilterSide, namedFilters } from '../../image/filters.ts';
import { parseFilterRows } from '../../image/parse-filter.ts';
import { readPictureFile, readPictureStream } from '../../image/source.ts';
import { formatImage } from '../../report/half-block.ts';
import { formatTable } from '../../report/table.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { formatCommand } from '../command-line.ts';

const plus: Option<number | undefined> = {
  placeholder: '<x>',
  default: undefined,
  description: 'add this to each result of --kernel (0 unless told)',
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
      'the file to write, in place of an earlier one (default: photo-NAME.png in the working folder, or photo-NAME-2.png and so on where that is taken)',
  }),
  kernel: text({
    default: undefined,
    placeholder: '<rows>',
    description: `a filter of your own, up to ${maxFilterSide} x ${maxFilterSide} numbers, laid on the picture as they are written; the middle stands over the pixel, of an even number the one after the middle`,
  }),
  divide: decimal({
    default: undefined,
    above: 0,
    maximum: 1e6,
    description: 'divide the sums of --kernel by this (1 unless told)',
  }),
  plus,
} as const;

type FilterContext = CommandContext<typeof filterOptions>;

/** `mnist-cnn filter`: sends a picture through an image filter, by convolution. */
export const filter = defineCommand({
  name: 'filter',
  summary: 'find edges, sharpen, emboss or blur a picture by convolution',
  operands: '[name image...]',
  examples: [
    ['mnist-cnn filter', 'the filters that have names'],
    ['mnist-cnn filter emboss photo.jpg', 'writes photo-emboss.png; colors stay'],
    ['mnist-cnn filter edge-all photo.jpg --out edges.png', 'writes that file, also where there is one'],
    ["mnist-cnn filter photo.jpg --kernel '0 1 0; 1 -4 1; 0 1 0' --plus 128", 'your own numbers'],
    ["mnist-cnn filter photo.jpg --kernel '[[1,2,1]]' --divide 4", 'the same as JSON'],
  ],
  options: filterOptions,
  run: async (context) => {
    if (context.operands.length === 0 && context.options.kernel === undefined) return listFilters(context);
    const { name, chosen, picture } = readCall(context);
    checkFileName(context);
    const source = picture === '-' ? 'standard input' : picture;
    const bytes = picture === '-' ? await readPictureStream(process.stdin) : readPictureFile(picture);
    // With these come the decoders, which --help need not wait for.
    const { decodeColorImage } = await import('../../image/decode.ts');
    const { encodePixels } = await import('../../report/pixels-png.ts');
    const image = await decodeColorImage({ name: source, bytes, isAnyShape: true });
    noteWork(context, image.pixels.length * countWeights(chosen));
    const filtered = filterImage(image, chosen);
    const file = nameFile(context, name, picture);
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
      throw usageError(`filter with --kernel needs one picture and no name, found ${formatWords(operands)}`);
    }
    const { kernel, divide = 1, plus: added = 0 } = options;
    return { name: 'own', chosen: { rows: parseFilterRows(kernel), divide, plus: added }, picture };
  }
  if (options.divide !== undefined || options.plus !== undefined) {
    throw usageError('--divide and --plus are for --kernel: the named filters have their own');
  }
  const [name = '', picture, ...more] = operands;
  const chosen = namedFilters.find((known) => known.name === name);
  if (chosen === undefined) throw unknownFilter(name);
  if (picture === undefined || more.length > 0) {
    throw usageError(`filter needs a name and one picture, found ${formatWords(operands)}`);
  }
  return { name, chosen, picture };
}

function formatWords(words: readonly string[]): string {
  return words.length === 0 ? 'nothing' : `"${escapeText(words.join(' '))}"`;
}

function checkFileName({ options, origins }: FilterContext): void {
  if (origins.out !== 'flag' || options.out === undefined || /\.png$/i.test(options.out)) return;
  throw new TrainerError(
    'E_USAGE',
    `--out is "${escapeText(options.out)}", expected a name that ends in .png`,
  );
}

function unknownFilter(name: string): TrainerError {
  return new TrainerError('E_USAGE', `there is no filter "${escapeText(name)}"`, {
    expected: namedFilters.map((known) => known.name).join(', '),
    actual: name,
    hint: formatFilters(),
    command: 'mnist-cnn filter --help',
  });
}

function listFilters({ output }: FilterContext): void {
  if (output.json) {
    output.result(
      namedFilters.map(({ name, does, rows, divide, plus: added }) => ({
        name,
        does,
        rows,
        divide,
        plus: added,
      })),
    );
    return;
  }
  output.result(formatFilters());
  output.next('mnist-cnn filter --help');
}

function formatFilters(): string {
  const columns = [
    { title: 'filter', align: 'left' },
    { title: 'size', align: 'left' },
    { title: 'does', align: 'left' },
  ] as const;
  return formatTable(
    columns,
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
  output.note(`${billions} billion multiplications: this takes a while; nothing is written before the end`);
}

/** The file of `--out`; else a name of the picture's and the filter's that no file has yet. */
function nameFile({ options, origins }: FilterContext, name: string, picture: string): string {
  // A config file's `out` is meant for `train`.
  if (origins.out === 'flag' && options.out !== undefined) return options.out;
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

function usageError(message: string): TrainerError {
  return new TrainerError('E_USAGE', message, { command: 'mnist-cnn filter --help' });
}
