import { describe, expect, test } from 'vitest';
import { familiarityOf } from '../../src/core/softmax.ts';
import { judgeImages } from '../../src/predict/judge-images.ts';
import { rankDigits } from '../../src/predict/rank-digits.ts';

/** Logits of two images: the first shows such a digit, the second none. */
const logitsFor = (digit: number, size = 9) =>
  Float32Array.from({ length: 20 }, (_, at) => (at === digit ? size : 0));

const usual = familiarityOf(logitsFor(7).subarray(0, 10));

/** An answer whose floor lies so far below the familiarity of a usual digit. */
const answer = (digit: number, spare: number, temperature = 1) => ({
  logits: logitsFor(digit),
  trust: { temperature, floor: usual - spare },
});

/** The probability of a logit where one digit has such a logit and nine have none. */
const scoreOf = (logit: number, largest: number) => Math.exp(logit) / (Math.exp(largest) + 9);

const isFirstFamiliar = (answers: Parameters<typeof judgeImages>[0]) => judgeImages(answers)[0]?.isFamiliar;

describe('judgeImages', () => {
  test('gives a judgment for each image', () => {
    expect(judgeImages([answer(7, 1)]).map(({ isFamiliar }) => isFamiliar)).toEqual([true, false]);
  });

  test('ranks the digits by one network as rankDigits does, bit for bit', () => {
    expect(judgeImages([answer(7, 1)])[0]?.ranking).toEqual(rankDigits(logitsFor(7).subarray(0, 10)));
  });

  test('ranks the digits by the mean of the probabilities', () => {
    const less = { ...answer(4, 1), logits: logitsFor(4, 2) };
    const [first, second] = judgeImages([answer(7, 1), less])[0]?.ranking ?? [];
    expect([first?.digit, second?.digit]).toEqual([7, 4]);
    expect(first?.score).toBeCloseTo((scoreOf(9, 9) + scoreOf(0, 2)) / 2, 12);
  });

  test('finds an image familiar if the networks have more to spare than they lack', () => {
    expect(isFirstFamiliar([answer(7, 2), answer(7, -1)])).toBe(true);
    expect(isFirstFamiliar([answer(7, 1), answer(7, -2)])).toBe(false);
  });

  test('measures that by the temperature of each network', () => {
    expect(isFirstFamiliar([answer(7, 1), answer(7, -2, 4)])).toBe(true);
  });

  test('asks only the networks that have a floor', () => {
    const blind = { logits: logitsFor(7), trust: { temperature: 1, floor: undefined } };
    expect([isFirstFamiliar([blind]), isFirstFamiliar([blind, answer(7, -1)])]).toEqual([true, false]);
  });
});
