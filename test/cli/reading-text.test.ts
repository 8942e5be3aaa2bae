import { describe, expect, test } from 'vitest';
import { formatCsvHeader, formatReading, type ReadingFormat } from '../../src/cli/predict/reading-text.ts';
import type { DigitReading } from '../../src/predict/choose-digits.ts';
import type { Reading } from '../../src/predict/predict.ts';

const text: ReadingFormat = { type: 'text', topK: 1, minScore: 0, color: false };
const json: ReadingFormat = { ...text, type: 'json' };
const csv: ReadingFormat = { ...text, type: 'csv' };

/** A digit that was read with 0.9, a 3 as its second, in a box 20 wide and 40 high. */
function digit(best: number, more: Partial<DigitReading> = {}): DigitReading {
  return {
    box: { left: 10, top: 12, right: 30, bottom: 52 },
    row: 0,
    ranking: [
      { digit: best, score: 0.9 },
      { digit: 3, score: 0.06 },
    ],
    doubt: undefined,
    framed: new Uint8Array(784),
    ...more,
  };
}

const reading = (...digits: readonly DigitReading[]): Extract<Reading, { type: 'digits' }> => ({
  type: 'digits',
  name: 'a.png',
  digits,
  stages: undefined,
});

const near = 'two readings are near: 4 or 9';
const one = reading(digit(4));
const unsure = reading(digit(4, { doubt: near }));
const several = reading(digit(4), digit(5), digit(7, { row: 1 }), digit(2, { row: 1 }));
const withOneUnsure = reading(digit(4), digit(5, { doubt: near }), digit(7));
const blank = { type: 'blank', name: 'a.png', stages: undefined } as const;

describe('a reading as text', () => {
  test.each([
    ['one digit with its score', one, 'a.png: 4 (90.0 %)'],
    ['an unsure one with its reason', unsure, `a.png: unsure (${near}), 4 (90.0 %)`],
    ['several digits, a slash between rows', several, 'a.png: 45 / 72'],
    [
      'one of several that is unsure, with its place',
      withOneUnsure,
      `a.png: 4?7 (unsure: ? at 10, 12: ${near})`,
    ],
    ['a blank picture', blank, 'a.png: no ink found'],
  ])('%s', (_what, given, expected) => {
    expect(formatReading(given, text)).toBe(expected);
  });

  test('with more digits than the best', () => {
    expect(formatReading(one, { ...text, topK: 2 })).toBe('a.png: 4 (90.0 %), 3 (6.0 %)');
  });

  test('is unsure below the least score', () => {
    expect(formatReading(one, { ...text, minScore: 0.95 })).toBe(
      'a.png: unsure (the score is below 0.95), 4 (90.0 %)',
    );
  });

  test('draws the stages above the line', () => {
    const stage = { title: 'ink', image: { width: 1, height: 2, pixels: Uint8Array.of(255, 255) } };
    const lines = formatReading({ ...one, stages: [stage] }, text).split('\n');
    expect([lines[0], lines.at(-1)]).toEqual(['ink:', 'a.png: 4 (90.0 %)']);
  });
});

const parse = (given: Parameters<typeof formatReading>[0], format = json): unknown =>
  JSON.parse(formatReading(given, format));

describe('a reading as JSON', () => {
  const box = { left: 10, top: 12, width: 20, height: 40 };
  const four = {
    digit: 4,
    score: 0.9,
    unsure: false,
    reason: null,
    ranking: [{ digit: 4, score: 0.9 }],
  };

  test('of one digit has it at the top and in the list', () => {
    expect(parse(one)).toEqual({
      file: 'a.png',
      ...four,
      blank: false,
      text: '4',
      digits: [{ ...four, row: 0, box }],
    });
  });

  test('of an unsure one claims no digit, keeps its ranking and says why', () => {
    const doubted = { ...four, digit: null, unsure: true, reason: near };
    expect(parse(unsure)).toEqual({
      file: 'a.png',
      ...doubted,
      blank: false,
      text: '?',
      digits: [{ ...doubted, row: 0, box }],
    });
  });

  test('of several has none at the top, all as text, and each with its row', () => {
    expect(parse(several)).toMatchObject({
      digit: null,
      score: null,
      unsure: false,
      reason: null,
      ranking: [],
      text: '45 / 72',
      digits: [
        { digit: 4, row: 0 },
        { digit: 5, row: 0 },
        { digit: 7, row: 1 },
        { digit: 2, row: 1 },
      ],
    });
  });

  test('of several with an unsure one is unsure as a whole', () => {
    expect(parse(withOneUnsure)).toMatchObject({
      digit: null,
      unsure: true,
      reason: near,
      text: '4?7',
      digits: [{ digit: 4 }, { digit: null, unsure: true, reason: near }, { digit: 7, unsure: false }],
    });
  });

  test('of a blank picture has no digits', () => {
    expect(parse(blank)).toEqual({
      file: 'a.png',
      digit: null,
      score: null,
      unsure: false,
      reason: null,
      ranking: [],
      blank: true,
      text: '',
      digits: [],
    });
  });
});

describe('a reading as CSV', () => {
  test.each([
    ['one digit', one, 'a.png,4,0.9,0,3,0.06,'],
    ['an unsure one', unsure, `a.png,,0.9,0,3,0.06,${near}`],
    ['several, with the least score', several, 'a.png,45 / 72,0.9,0,,,'],
    ['several with an unsure one', withOneUnsure, `a.png,4?7,0.9,0,,,${near}`],
    ['a blank picture', blank, 'a.png,,,1,,,'],
  ])('%s', (_what, given, expected) => {
    expect(formatReading(given, { ...csv, topK: 2 })).toBe(expected);
  });

  test('has the least of several scores', () => {
    const low = digit(8, { ranking: [{ digit: 8, score: 0.75 }] });
    expect(formatReading(reading(digit(4), low), csv)).toBe('a.png,48,0.75,0,');
  });

  test('has as many cells as its header', () => {
    expect(formatCsvHeader(2)).toBe('file,digit,score,blank,digit2,score2,reason');
  });
});
