import { makePhoto } from '../../test/support/photo.ts';
import { cellKinds, makeCell, makeEmptySheet } from '../../test/support/scenes/cell.ts';
import { drawingNames, makeDrawing } from '../../test/support/scenes/drawings.ts';
import { faces, letters, makeLetter } from '../../test/support/scenes/letters.ts';
import { makeStrip } from '../../test/support/scenes/strip.ts';
import { makeBlankPaper, makeWorldPhoto } from '../../test/support/scenes/surfaces.ts';
import { makeScikitDigit, makeStretchedDigit, makeUspsDigit } from '../../test/support/scenes/tiny.ts';
import type { Digits } from '../predict-photos.ts';
import type { Scene } from './reading.ts';

/** What scenes are made of: test digits, in an order that mixes their writers, and the seed of the rest. */
export interface Ingredients {
  readonly digits: Digits;
  readonly seed: number;
}

/** Test digits as photos, those of `npm run bench -- predict-photos`. */
export function makePhotoScenes({ digits, seed }: Ingredients): readonly Scene[] {
  return sceneEach(1000, (index) => ({
    name: `photo-${index}`,
    answer: labelOf(digits, index),
    source: 'photo',
    bytes: async () => (await makePhoto(imageOf(digits, index), seed, index)).bytes,
  }));
}

/** Test digits in 16 x 16 pixels as those of USPS. */
export function makeUspsScenes({ digits, seed }: Ingredients): readonly Scene[] {
  return sceneEach(500, (index) => ({
    name: `16x16-${index}`,
    answer: labelOf(digits, index),
    source: '16 x 16',
    bytes: () => makeUspsDigit(imageOf(digits, index), seed, index),
  }));
}

/** Test digits in 16 x 16 pixels, stretched to fill them. */
export function makeStretchedScenes({ digits }: Ingredients): readonly Scene[] {
  return sceneEach(250, (index) => ({
    name: `stretched-${index}`,
    answer: labelOf(digits, index),
    source: 'stretched',
    bytes: () => makeStretchedDigit(imageOf(digits, index)),
  }));
}

/** Test digits in 8 x 8 pixels as those of scikit-learn. */
export function makeScikitScenes({ digits }: Ingredients): readonly Scene[] {
  return sceneEach(500, (index) => ({
    name: `8x8-${index}`,
    answer: labelOf(digits, index),
    source: '8 x 8',
    bytes: () => makeScikitDigit(imageOf(digits, index)),
  }));
}

/** Test digits in cells of tables, on ruled and squared paper, and underlined: 200 cells, 100 of each other kind. */
export function makeCellScenes({ digits, seed }: Ingredients): readonly Scene[] {
  return sceneEach(500, (index) => {
    const kind = cellKinds[Math.max(0, (index % 5) - 1)] ?? 'cell';
    return {
      name: `${kind}-${index}`,
      answer: labelOf(digits, index),
      source: kind,
      bytes: () => makeCell(imageOf(digits, index), kind, { seed, index }),
    };
  });
}

/** Strips of two to eight test digits, and each of their digits as a strip of its own. */
export function makeStripScenes({ digits, seed }: Ingredients): {
  readonly strips: readonly Scene[];
  readonly singles: readonly Scene[];
} {
  let next = 0;
  const strips = sceneEach(300, (index) => {
    const members = Array.from({ length: 2 + (index % 7) }, () => next++);
    return {
      name: `strip-${index}`,
      answer: members.map((member) => labelOf(digits, member)).join(''),
      source: `${members.length} digits`,
      bytes: () =>
        makeStrip(
          members.map((member) => imageOf(digits, member)),
          seed,
          index,
        ),
    };
  });
  const singles = sceneEach(next, (index) => ({
    name: `single-${index}`,
    answer: labelOf(digits, index),
    source: 'single',
    bytes: () => makeStrip([imageOf(digits, index)], seed, 300 + index),
  }));
  return { strips, singles };
}

/** Pictures without a digit. */
export function makeOtherScenes(seed: number): readonly Scene[] {
  const make = (source: string, count: number, bytes: (index: number) => Promise<Uint8Array>) =>
    sceneEach(count, (index) => ({
      name: `${source} ${index}`,
      answer: '',
      source,
      bytes: () => bytes(index),
    }));
  return [
    ...faces.flatMap((face, index) =>
      letters.map((letter) => ({
        name: `letter ${letter} in face ${index}`,
        answer: '',
        source: 'letters',
        bytes: () => makeLetter(letter, face, seed),
      })),
    ),
    ...drawingNames.flatMap((name) =>
      sceneEach(6, (index) => ({
        name: `${name} ${index}`,
        answer: '',
        source: 'drawings',
        bytes: () => makeDrawing(name, seed, index),
      })),
    ),
    ...make('ruled sheets', 40, (index) => makeEmptySheet('ruled', seed, index)),
    ...make('squared sheets', 40, (index) => makeEmptySheet('squared', seed, index)),
    ...make('blank paper', 60, (index) => makeBlankPaper(seed, index)),
    ...make('world photos', 60, (index) => makeWorldPhoto(seed, index)),
  ];
}

function sceneEach(count: number, make: (index: number) => Scene): readonly Scene[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function imageOf(digits: Digits, index: number): Uint8Array {
  const at = index % digits.labels.length;
  return digits.images.subarray(at * 784, (at + 1) * 784);
}

function labelOf(digits: Digits, index: number): string {
  return String(digits.labels[index % digits.labels.length]);
}
