import { describe, expect, test } from 'vitest';
import { doubtOf } from '../../src/predict/doubt.ts';
import { judgeImages } from '../../src/predict/judge-images.ts';

const square = { left: 0, top: 0, right: 20, bottom: 20 };
const wide = { ...square, right: 25 };

/** The doubt about probabilities of digits; the rest is shared evenly by the others. */
function doubtAbout(scores: Readonly<Record<number, number>>, { box = square, shift = 0, floor = -9 } = {}) {
  const given = Object.values(scores);
  const rest = (1 - given.reduce((sum, score) => sum + score, 0)) / (10 - given.length);
  const logits = Float32Array.from({ length: 10 }, (_, digit) => Math.log(scores[digit] ?? rest) + shift);
  const [judgment] = judgeImages([{ logits, trust: { temperature: 1, floor } }]);
  return judgment && doubtOf({ ...judgment, box });
}

describe('doubtOf', () => {
  test.each([
    [0.51, undefined],
    [0.49, 'no digit'],
  ])('claims a digit from a score of 0.5 on: %d', (score, doubt) => {
    expect(doubtAbout({ 3: score })).toBe(doubt);
  });

  test('names two readings that are near', () => {
    expect(doubtAbout({ 9: 0.44, 4: 0.46 })).toBe('two readings are near: 4 or 9');
    expect(doubtAbout({ 9: 0.35, 4: 0.59 })).toBe('two readings are near: 4 or 9');
    expect(doubtAbout({ 9: 0.35, 4: 0.61 })).toBeUndefined();
  });

  test('names no two readings that have less than 0.85 together', () => {
    expect(doubtAbout({ 9: 0.4, 4: 0.44 })).toBe('no digit');
  });

  test('says that several digits touch where ink is much wider than high', () => {
    expect(doubtAbout({ 3: 0.4 }, { box: wide })).toBe('several digits touch');
  });

  test('trusts no score of what is unlike the training data: less familiar than the floor, whatever is added to all logits', () => {
    // Of a digit with a score of 0.99 the familiarity is 6.13.
    const doubts = [6, 6.3].map((floor) => doubtAbout({ 3: 0.99 }, { shift: 2, floor }));
    expect(doubts).toEqual([undefined, 'no digit']);
  });
});
