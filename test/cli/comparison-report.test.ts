import { expect, test } from 'vitest';
import {
  createComparisonReport,
  formatComparisonReport,
  type MeasuredModel,
} from '../../src/cli/compare/comparison-report.ts';

/** A model that reads the given images of `count` rightly, and all others as 9. */
function measured(folder: string, count: number, isRight: (index: number) => boolean): MeasuredModel {
  const predictions = Uint8Array.from({ length: count }, (_, index) => (isRight(index) ? 0 : 9));
  const correct = predictions.filter((prediction) => prediction === 0).length;
  const evaluation = {
    logits: new Float32Array(0),
    predictions,
    loss: 0.5,
    correct,
    accuracy: correct / count,
  };
  return { folder, architecture: 'cnn', parameters: 28_938, chosenByTest: false, evaluation };
}

/** What is said of two models of which A alone reads `onlyA` of 10,000 images rightly, and B alone `onlyB`. */
function mcNemarText(onlyA: number, onlyB: number): readonly string[] {
  const count = 10_000;
  const labels = new Uint8Array(count);
  const report = createComparisonReport(
    measured('a', count, (index) => index >= onlyB),
    measured('b', count, (index) => index < onlyB || index >= onlyA + onlyB),
    { images: new Uint8Array(0), labels, count },
  );
  return formatComparisonReport(report).split('\n\n')[2]?.split('\n') ?? [];
}

const about =
  'The test applies to these two models only: to compare two ways of training, train each with several seeds.';

test.each([
  [
    12,
    2,
    "McNemar's test (exact binomial) on the 14 images that only one of them reads correctly: p = 0.013",
    'If A and B were equally good, a split at least as uneven as 12 to 2 would occur in 1.3 % of such comparisons.',
    'The difference is statistically significant: A is better on images like these.',
  ],
  [
    15,
    25,
    "McNemar's test (exact binomial) on the 40 images that only one of them reads correctly: p = 0.15",
    'If A and B were equally good, a split at least as uneven as 15 to 25 would occur in 15 % of such comparisons.',
    'The difference is not statistically significant: these images do not show which model is better.',
  ],
  [
    59,
    121,
    "McNemar's test (exact binomial) on the 180 images that only one of them reads correctly: p = 4.4e-6",
    'If A and B were equally good, a split at least as uneven as 59 to 121 would occur in fewer than one in 10,000 such comparisons.',
    'The difference is statistically significant: B is better on images like these.',
  ],
])('%i against %i images are put into words', (onlyA, onlyB, ...lines) => {
  expect(mcNemarText(onlyA, onlyB)).toEqual([...lines, about]);
});

test.each([
  [
    true,
    false,
    'A was chosen by half of these test images (--validation test-half), so it looks better on them than on new ones.',
  ],
  [
    true,
    true,
    'A and B were chosen by half of these test images (--validation test-half), so they look better on them than on new ones.',
  ],
  [false, false, '   accuracy 100.00 % (95 % interval 72.25 to 100.00 %), 10 of 10 right, loss 0.5000'],
])(
  'models are reported of which the first was chosen by test images (%s), or the second (%s)',
  (first, second, line) => {
    const [a, b] = [measured('a', 10, () => true), measured('b', 10, () => true)];
    const report = createComparisonReport(
      { ...a, chosenByTest: first },
      { ...b, chosenByTest: second },
      { images: new Uint8Array(0), labels: new Uint8Array(10), count: 10 },
    );
    expect(formatComparisonReport(report).split('\n\n')[0]?.split('\n').at(-1)).toBe(line);
  },
);

test('models that are right on the same images are not distinguished', () => {
  expect(mcNemarText(0, 0)).toEqual([
    "McNemar's test: A and B are right on the same images, so there is no difference to test.",
  ]);
});
