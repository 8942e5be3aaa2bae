import { formatCount } from '../core/files.ts';
import { formatPercent } from '../core/percent.ts';
import { findDuplicates } from './duplicates.ts';
import { findLabelShift } from './label-shift.ts';
import { judgeOrientation } from './orientation.ts';
import { type Examples, imageAt } from './split.ts';
import { sampleIndices } from './thumbnails.ts';

/** An example that shows what a warning says. */
export interface ShownExample {
  readonly split: 'train' | 'test';
  readonly index: number;
}

/** What is odd about data but no error: a sentence, and an example that shows it where one does. */
export interface DataWarning {
  readonly message: string;
  readonly example?: ShownExample;
}

/** The two splits of a data set, and what is known of how its images lie. */
export interface InspectedData {
  readonly train: Examples;
  readonly test: Examples;
  /** Whether `--transpose` has turned the images. */
  readonly isTransposed: boolean;
  /** Whether the files are named as EMNIST's, in which images lie transposed. */
  readonly isNamedEmnist: boolean;
}

/**
 * Looks at images and labels for what a training would only show as a bad result: uneven classes, inverted or faint images,
 * labels that are shifted, test images that are training images, images that lie transposed. Nothing is changed.
 */
export function findOddities(data: InspectedData): readonly DataWarning[] {
  return [
    ...inEachSplit(data, findUnevenClasses),
    ...inEachSplit(data, findOddPixels),
    ...inEachSplit(data, findShiftedLabels),
    ...findSharedImages(data),
    ...findOrientation(data),
  ];
}

/** Tells where images lie transposed, by their pixels or by the names of their files, or where `--transpose` has laid them down. */
export function findOrientation(data: InspectedData): readonly DataWarning[] {
  const { isTransposed, isNamedEmnist } = data;
  const found = inEachSplit(data, (examples) =>
    judgeOrientation(examples) === 'transposed'
      ? {
          message: isTransposed
            ? 'are transposed now: --transpose has turned upright images on their side; leave it out'
            : "are transposed, as EMNIST's are: --transpose turns them upright",
          index: 0,
        }
      : undefined,
  );
  if (found.length > 0 || isTransposed || !isNamedEmnist) return found;
  if (judgeOrientation(data.train) === 'upright') return [];
  const message =
    "the files have EMNIST's names, and EMNIST's images are transposed: --transpose turns them upright";
  return [{ message, example: { split: 'train', index: 0 } }];
}

/** What is odd about the images of a split: the rest of the sentence, and which example shows it. */
interface Finding {
  readonly message: string;
  readonly index: number;
}

/** Looks at both splits; what is odd in both alike is said once. */
function inEachSplit(
  { train, test }: InspectedData,
  find: (examples: Examples) => Finding | undefined,
): readonly DataWarning[] {
  const [first, second] = [find(train), find(test)];
  const isAlike = first?.message === second?.message;
  const tell = (finding: Finding | undefined, name: string, split: ShownExample['split']) =>
    finding === undefined
      ? []
      : [{ message: `the ${name} images ${finding.message}`, example: { split, index: finding.index } }];
  if (isAlike) return tell(first, 'training and test', 'train');
  return [...tell(first, 'training', 'train'), ...tell(second, 'test', 'test')];
}

function findUnevenClasses({ labels }: Examples): Finding | undefined {
  const counts = Array.from({ length: 10 }, () => 0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  // The loader reports classes without any.
  const present = counts.filter((count) => count > 0);
  const [fewest, most] = [Math.min(...present), Math.max(...present)];
  if (most < 10 * fewest) return undefined;
  const listed = counts.map((count, digit) => `${formatCount(count)} of ${digit}`).join(', ');
  return { message: `are uneven: ${listed}`, index: labels.indexOf(counts.indexOf(fewest)) };
}

function findOddPixels(examples: Examples): Finding | undefined {
  const { images } = examples;
  let highest = 0;
  // All of them where they are faint; else the first bright one ends it.
  for (let at = 0; at < images.length && highest <= 64; at++) highest = Math.max(highest, images[at] ?? 0);
  if (highest > 0 && highest <= 64) {
    return { message: `have pixels from 0 to ${highest} only, where 255 is full ink`, index: 0 };
  }
  const border = measureBorder(examples);
  if (border < 190) return undefined;
  const message = `seem inverted, dark ink on light paper: their borders are ${Math.round(border)} of 255 on average, where 0 is paper and 255 is ink`;
  return { message, index: 0 };
}

/** The mean of the outermost pixels, which are paper in digits, of some images. */
function measureBorder(examples: Examples): number {
  const indices = sampleIndices(examples.count, 200);
  let sum = 0;
  for (const index of indices) {
    const image = imageAt(examples, index);
    for (let at = 0; at < 28; at++) {
      for (const pixel of [at, 27 * 28 + at, at * 28, at * 28 + 27]) sum += image[pixel] ?? 0;
    }
  }
  return sum / (indices.length * 4 * 28);
}

function findShiftedLabels(examples: Examples): Finding | undefined {
  const shift = findLabelShift(examples);
  if (shift === undefined) return undefined;
  const other = shift.offset === 1 ? 'after' : 'before';
  const shares = `it fits ${formatPercent(shift.shifted, 0)} of a sample, their own label ${formatPercent(shift.own, 0)}`;
  return { message: `seem to belong to the label ${other} their own: ${shares}`, index: shift.index };
}

/** A hundredth moves the accuracy by as much at most; MNIST has none. */
function findSharedImages({ train, test }: InspectedData): readonly DataWarning[] {
  const found = findDuplicates(train, test);
  if (found === undefined || found.count < test.count / 100) return [];
  const { count, testIndex, trainIndex } = found;
  const [of, first] = [
    `${formatCount(count)} of ${formatCount(test.count)} test images`,
    formatCount(testIndex),
  ];
  const message = `${of} are also training images (test image ${first} is training image ${formatCount(trainIndex)}): accuracy on them says nothing about new digits`;
  return [{ message, example: { split: 'test', index: testIndex } }];
}
