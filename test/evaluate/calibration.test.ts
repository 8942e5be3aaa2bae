import { describe, expect, test } from 'vitest';
import { random } from '../../src/core/random.ts';
import { softmax } from '../../src/core/softmax.ts';
import { expectedCalibrationError, fitTemperature, reliabilityBins } from '../../src/evaluate/calibration.ts';
import { meanLoss, toProbabilities } from '../../src/evaluate/metrics.ts';

const classCount = 4;

/** Logits [n, 4] of which the labels were drawn: calibrated as they are. */
function drawCalibrated(count: number): { readonly logits: Float32Array; readonly labels: Uint8Array } {
  const numbers = random(5, 'test');
  const logits = Float32Array.from({ length: count * classCount }, () => 6 * numbers.uniform());
  const labels = Uint8Array.from({ length: count }, (_, index) => {
    const drawn = numbers.uniform();
    const row = softmax(logits.subarray(index * classCount, (index + 1) * classCount));
    return row.findIndex(
      (_probability, last) => row.slice(0, last + 1).reduce((sum, each) => sum + each, 0) > drawn,
    );
  });
  return { logits, labels };
}

const { logits, labels } = drawCalibrated(4000);

describe('the temperature', () => {
  test('of calibrated logits is about 1', () => {
    expect(fitTemperature(logits, labels)).toBeCloseTo(1, 1);
  });

  test.each([0.5, 3])('of these logits times %d is as many times larger', (factor) => {
    const scaled = logits.map((logit) => factor * logit);
    expect(fitTemperature(scaled, labels) / fitTemperature(logits, labels)).toBeCloseTo(factor, 4);
  });

  test('has the least loss', () => {
    const best = fitTemperature(logits, labels);
    const lossAt = (temperature: number) =>
      meanLoss(
        logits.map((logit) => logit / temperature),
        labels,
      );
    expect(lossAt(best)).toBeLessThan(Math.min(lossAt(0.99 * best), lossAt(1.01 * best)));
  });

  test('stays at 1 where all are read correctly, since colder would always be better', () => {
    expect(fitTemperature(Float32Array.of(2, 1, 0, 5), Uint8Array.of(0, 1))).toBe(1);
  });

  test('of logits that say nothing of the labels is 10 at most', () => {
    const misled = Float32Array.of(9, 0, 9, 0, 9, 0);
    expect(fitTemperature(misled, Uint8Array.of(0, 1, 1))).toBeCloseTo(10, 3);
  });

  test('of huge logits is finite', () => {
    const huge = Float32Array.of(1e38, -1e38, 1e38, -1e38);
    expect(fitTemperature(huge, Uint8Array.of(0, 1))).toBeCloseTo(10, 3);
  });
});

/** Probabilities [n, 2] of which the first class has `score`, right or not. */
function scored(examples: readonly (readonly [score: number, isRight: boolean])[]) {
  return {
    probabilities: Float32Array.from(examples.flatMap(([score]) => [score, 1 - score])),
    labels: Uint8Array.from(examples, ([, isRight]) => (isRight ? 0 : 1)),
  };
}

describe('the calibration error', () => {
  test('is the gap between score and accuracy, weighted by the examples of a bin', () => {
    const { probabilities, labels: truth } = scored([
      [0.75, true],
      [0.75, false],
      [0.75, false],
      [0.99, true],
    ]);
    // Three of four are read correctly in one of three, a gap of 0.75 - 1/3; one at 0.01.
    expect(expectedCalibrationError(probabilities, truth)).toBeCloseTo(
      0.75 * (0.75 - 1 / 3) + 0.25 * 0.01,
      6,
    );
  });

  test('of calibrated scores is small, of those divided by a fifth of the temperature large', () => {
    const errorAt = (temperature: number) =>
      expectedCalibrationError(toProbabilities(logits, labels.length, temperature), labels);
    // Chance alone leaves about 0.02: 4,000 examples are about 270 a bin.
    expect([errorAt(1) < 0.03, errorAt(0.2) > 0.1]).toEqual([true, true]);
  });
});

describe('the bins', () => {
  const { probabilities, labels: truth } = scored([
    [1, true],
    [0.95, false],
    [0.6, true],
  ]);

  test('are fifteen from 0 to 1', () => {
    const bins = reliabilityBins(probabilities, truth);
    expect([bins.length, bins[0]?.low, bins[14]?.high]).toEqual([15, 0, 1]);
  });

  test('hold count, mean score and the examples read correctly', () => {
    const bins = reliabilityBins(probabilities, truth);
    expect(bins[14]).toMatchObject({ count: 2, score: expect.closeTo(0.975, 6), correct: 1 });
  });

  test('without an example are zero', () => {
    expect(reliabilityBins(probabilities, truth)[3]).toMatchObject({ count: 0, score: 0, correct: 0 });
  });

  test('hold each example once', () => {
    const bins = reliabilityBins(toProbabilities(logits, labels.length), labels);
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(labels.length);
  });
});
