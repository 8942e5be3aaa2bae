import { formatPercent } from '../../src/core/percent.ts';
import { expectedCalibrationError } from '../../src/evaluate/calibration.ts';
import { toProbabilities } from '../../src/evaluate/metrics.ts';
import type { Network } from '../../src/model/ensemble.ts';
import type { Digits } from '../predict-photos.ts';
import {
  type Ingredients,
  makeCellScenes,
  makeOtherScenes,
  makePhotoScenes,
  makeScikitScenes,
  makeStretchedScenes,
  makeStripScenes,
  makeUspsScenes,
} from './made.ts';
import { isRight, type Outcome, type Scene } from './reading.ts';
import { cropTightly, type RealDigits } from './real.ts';
import { type ErrorLine, type Line, lineOf, linesBySource } from './table.ts';

/** What rows measure with. */
export interface Measurement {
  readonly ingredients: Ingredients;
  /** All test digits. */
  readonly test: Digits;
  readonly network: Network;
  /** `undefined` where the folder is missing. */
  readonly real: RealDigits | undefined;
  /** Reads scenes; the same array only once. */
  readonly read: (scenes: readonly Scene[]) => Promise<readonly Outcome[]>;
}

/** A part of the table; no lines where it needs the real digits and they are missing. */
export type Row = (measurement: Measurement) => Promise<readonly (Line | ErrorLine)[]>;

/** The parts of the table by the names that `--only` takes, in the order of issue 17. */
export const rows: Readonly<Record<string, Row>> = {
  real: async ({ real, read }) => {
    if (real === undefined) return [];
    const outcomes = await read(real.single);
    return [
      lineOf('real digits', outcomes, { least: 0.98, aim: 0.99 }),
      lineOf('  not refused', outcomes, { count: isClaimed, ...refusal }),
      ...leaveOut(outcomes),
    ];
  },
  boxes: async ({ real, read }) =>
    real === undefined
      ? []
      : [lineOf('real digits in form boxes', await read(real.boxed), { least: 0.95, aim: 0.98 })],
  cells: async ({ ingredients, read }) => {
    const outcomes = await read(makeCellScenes(ingredients));
    return [
      lineOf('test digits in table cells and among lines', outcomes, { least: 0.97, aim: 0.98 }),
      ...linesBySource(outcomes),
    ];
  },
  '8x8': async ({ ingredients, real, read }) => {
    const asked = { least: 0.93, aim: 0.96 };
    const made = lineOf('test digits in 8 x 8', await read(makeScikitScenes(ingredients)));
    if (real === undefined) return [made];
    return [lineOf("scikit-learn's digits, 8 x 8", await read(real.tiny), asked), made];
  },
  '16x16': async ({ ingredients, read }) => [
    lineOf("test digits in 16 x 16, USPS' kind", await read(makeUspsScenes(ingredients)), {
      least: 0.94,
      aim: 0.96,
    }),
    lineOf('  stretched to be as wide as high', await read(makeStretchedScenes(ingredients))),
  ],
  crops: async ({ real, read }) => {
    if (real === undefined) return [];
    const margins = [0, 0.1, 0.2, 0.4];
    const crops = cropTightly(await read(real.single), margins);
    const lines: Line[] = [];
    for (const [index, margin] of margins.entries()) {
      const what = `rightly read real digits, cropped, margin ${100 * margin} %`;
      const asked = margin === 0 ? { least: 0.97, aim: 0.99 } : {};
      lines.push(lineOf(what, await read(crops[index] ?? []), asked));
    }
    return lines;
  },
  several: async ({ real, read }) =>
    real === undefined
      ? []
      : [
          lineOf('real pictures of several digits, all right', await read(real.several), {
            least: 0.8,
            aim: 1,
          }),
        ],
  strips: async ({ ingredients, read }) => measureStrips(ingredients, read),
  other: async ({ ingredients, read }) => {
    const outcomes = await read(makeOtherScenes(ingredients.seed));
    return [
      lineOf('no digit, and none claimed', outcomes, { least: 0.95, aim: 0.99 }),
      ...linesBySource(outcomes),
    ];
  },
  calibration: async ({ test, network }) => {
    const { classify, trust } = network;
    const scores = toProbabilities(await classify(test.images), test.labels.length, trust.temperature);
    const error = expectedCalibrationError(scores, test.labels);
    return [
      { type: 'error', what: 'expected calibration error, test images', error, most: 0.005, aim: 0.002 },
    ];
  },
  photos: async ({ ingredients, read }) => {
    const outcomes = await read(makePhotoScenes(ingredients));
    return [
      lineOf('photos of test digits (bench predict-photos)', outcomes, { least: 0.99 }),
      lineOf('  not refused', outcomes, { count: isClaimed, ...refusal }),
    ];
  },
};

/** One in a hundred digits may be refused. */
const refusal = { least: 0.99, aim: 0.995 };

function isClaimed({ answer }: Outcome): boolean {
  return answer !== '';
}

/** Each source, with the share that is right without it: no source alone may carry the figure. */
function leaveOut(outcomes: readonly Outcome[]): readonly Line[] {
  return linesBySource(outcomes).map((line) => {
    const others = outcomes.filter(({ scene }) => scene.source !== line.what.trim());
    return { ...line, note: `without it ${formatPercent(others.filter(isRight).length / others.length, 1)}` };
  });
}

/** Strings are asked to be right as often as if each digit were read by itself, but for a point. */
async function measureStrips(ingredients: Ingredients, read: Measurement['read']): Promise<readonly Line[]> {
  const { strips, singles } = makeStripScenes(ingredients);
  const alone = lineOf('  their digits one by one', await read(singles));
  const outcomes = await read(strips);
  const expected = outcomes.map(({ scene }) => (alone.right / alone.of) ** scene.answer.length);
  const mean = expected.reduce((sum, share) => sum + share, 0) / expected.length;
  const hasCount = ({ scene, count }: Outcome) => count === scene.answer.length;
  return [
    lineOf('strips of 2 to 8 test digits, count right', outcomes, { count: hasCount, least: 0.99 }),
    lineOf('strips of 2 to 8 test digits, string right', outcomes, { least: mean - 0.01, aim: mean }),
    alone,
  ];
}
