import { describe, expect, test } from 'vitest';
import { chooseDigits, type DigitReading } from '../../src/predict/choose-digits.ts';
import type { InkBox } from '../../src/predict/ink-box.ts';
import { judgeImages } from '../../src/predict/judge-images.ts';
import type { Candidate, Candidates, Row } from '../../src/predict/page.ts';

const trust = { temperature: 1, floor: undefined };

/** A candidate, and the digit that the network reads in it with such a score; `undefined` for no digit. */
interface Seen extends Pick<Candidate, 'from' | 'to' | 'box'> {
  readonly isCut?: boolean;
  readonly digit?: number;
  readonly score: number;
  /** A digit with nearly the same score. */
  readonly second?: number;
}

/** Logits whose softmax gives a digit such a score, and all others the same. */
function logitsOf({ digit = 0, score, second }: Seen): readonly number[] {
  const rest = second === undefined ? (1 - score) / 9 : (1.01 - 2 * score) / 8;
  return Array.from({ length: 10 }, (_, at) =>
    Math.log(at === digit ? score : at === second ? score - 0.01 : rest),
  );
}

/** Chooses among layouts of rows of candidates, in a picture twice as large as the page that was looked at. */
function choose(layouts: readonly (readonly (readonly Seen[])[])[], place: Partial<Candidates> = {}) {
  const toRow = (seen: readonly Seen[]): Row => ({
    pieces: Math.max(...seen.map(({ to }) => to)),
    candidates: seen.map(({ from, to, box, isCut = false }) => ({
      from,
      to,
      box,
      isCut,
      framed: new Uint8Array(784),
    })),
  });
  const candidates = {
    layouts: layouts.map((rows) => ({ rows: rows.map(toRow) })),
    left: 0,
    top: 0,
    scale: 1,
  };
  const logits = Float32Array.from(layouts.flat(2).flatMap(logitsOf));
  return chooseDigits({ ...candidates, ...place }, judgeImages([{ logits, trust }]));
}

const readings = (digits: readonly DigitReading[]) =>
  digits.map(({ doubt, ranking }) => (doubt === undefined ? ranking[0]?.digit : doubt));

/** A box of such a place and size in a row. */
const box = (left: number, width = 20, height = 40, top = 10): InkBox => ({
  left,
  top,
  right: left + width,
  bottom: top + height,
});

const first = { from: 0, to: 1, box: box(0) };
const second = { from: 1, to: 2, box: box(20) };
const whole = { from: 0, to: 2, box: box(0, 40) };

describe('chooseDigits in a row', () => {
  test('takes the parts of a cut where the network is surer of them', () => {
    const parts = [
      { ...first, digit: 4, score: 0.99, isCut: true },
      { ...second, digit: 2, score: 0.99, isCut: true },
    ];
    const { digits } = choose([[[...parts, { ...whole, digit: 8, score: 0.5 }]]]);
    expect(readings(digits)).toEqual([4, 2]);
  });

  test('keeps the whole where the network is surer of it', () => {
    const parts = [
      { ...first, digit: 4, score: 0.99, isCut: true },
      { ...second, digit: 2, score: 0.99, isCut: true },
    ];
    const { digits } = choose([[[...parts, { ...whole, digit: 8, score: 0.9 }]]]);
    expect([readings(digits), digits[0]?.box]).toEqual([[8], whole.box]);
  });

  test.each([
    ['keeps the whole where the parts of a cut are hardly surer', true, [0]],
    ['takes pieces that lie apart where they are hardly surer', false, [1, 1]],
  ])('%s', (_title, isCut, expected) => {
    const parts = [
      { ...first, digit: 1, score: 0.99, isCut },
      { ...second, digit: 1, score: 0.99, isCut },
    ];
    const { digits } = choose([[[...parts, { ...whole, digit: 0, score: 0.9 }]]]);
    expect(readings(digits)).toEqual(expected);
  });

  test.each([
    ['takes parts that are sure', [4, 2], 0.99, [4, 2]],
    ['keeps the whole where one part is not sure', [4, 2], 0.84, [8]],
    ['keeps the whole where a part looks like a 1, as parts of letters do', [4, 1], 0.99, [8]],
  ])('%s, against a whole of 0.4', (_title, [one, other], score, expected) => {
    const parts = [
      { ...first, digit: one ?? 0, score: 0.99, isCut: true },
      { ...second, digit: other ?? 0, score, isCut: true },
    ];
    const { digits } = choose([[[...parts, { ...whole, digit: 8, score: 0.4 }]]]);
    expect(digits.map(({ ranking }) => ranking[0]?.digit)).toEqual(expected);
  });

  test('reads all pieces once, whichever way they are joined', () => {
    const row = [
      { from: 0, to: 1, box: box(0), digit: 5, score: 0.9 },
      { from: 0, to: 2, box: box(0, 40), digit: 6, score: 0.95 },
      { from: 1, to: 2, box: box(20), digit: 7, score: 0.3 },
      { from: 1, to: 3, box: box(20, 40), digit: 8, score: 0.99 },
      { from: 2, to: 3, box: box(40), digit: 9, score: 0.9 },
    ];
    // 5 and 8 have 0.891 together, 6 and 9 have 0.855.
    expect(readings(choose([[row]]).digits)).toEqual([5, 8]);
  });
});

describe('chooseDigits among layouts', () => {
  const reading = (digit: number, score: number) => [[{ ...first, digit, score }]];

  test('keeps the first where all its digits are sure', () => {
    const { layout, digits } = choose([reading(4, 0.92), reading(6, 0.99)]);
    expect([layout, readings(digits)]).toEqual([0, [4]]);
  });

  test('takes another that is surer where the first is not sure', () => {
    const { layout, digits } = choose([reading(4, 0.8), reading(6, 0.99), reading(7, 0.9)]);
    expect([layout, readings(digits)]).toEqual([1, [6]]);
  });

  test('takes one digit rather than unsure parts', () => {
    const parts = [
      [
        { ...first, digit: 1, score: 0.95 },
        { ...second, digit: 7, score: 0.4 },
      ],
    ];
    const { layout, digits } = choose([
      parts,
      [[{ ...first, to: 1, box: whole.box, digit: 4, score: 0.97 }]],
    ]);
    expect([layout, readings(digits)]).toEqual([1, [4]]);
  });

  test('reads nothing where there is none', () => {
    expect(choose([])).toEqual({ layout: 0, digits: [] });
  });
});

describe('chooseDigits beside digits', () => {
  const sure = (at: number) => ({ from: at, to: at + 1, box: box(30 * at), digit: at + 1, score: 0.99 });
  const strange = (at: number, size: InkBox = box(30 * at)) => ({
    from: at,
    to: at + 1,
    box: size,
    score: 0.3,
  });

  test('keeps what is no digit and as large, as a place in the row', () => {
    expect(readings(choose([[[sure(0), strange(1), sure(2)]]]).digits)).toEqual([1, 'no digit', 3]);
  });

  test('drops what is no digit and far smaller or larger', () => {
    const row = [sure(0), strange(1, box(30, 20, 20)), sure(2), strange(3, box(90, 60, 80))];
    expect(readings(choose([[row]]).digits)).toEqual([1, 3]);
  });

  test('drops what is no digit in a row of its own, and counts rows without it', () => {
    const { digits } = choose([[[strange(0)], [sure(0)], [strange(0)], [sure(0), sure(1)]]]);
    expect(digits.map(({ row }) => row)).toEqual([0, 1, 1]);
  });

  test('drops no digit of another size that is only unsure between two', () => {
    const near = { from: 1, to: 2, box: box(30, 20, 20), digit: 4, score: 0.48, second: 9 };
    expect(readings(choose([[[sure(0), near]]]).digits)).toEqual([1, 'two readings are near: 4 or 9']);
  });

  test('says once, of the largest, that there is no digit where nothing looks like one', () => {
    const { digits } = choose([[[strange(0), strange(1, box(30, 40, 50)), strange(2)]]]);
    expect([readings(digits), digits[0]?.box]).toEqual([['no digit'], box(30, 40, 50)]);
  });
});

test('chooseDigits gives boxes in pixels of the picture', () => {
  const layouts = [[[{ ...first, digit: 3, score: 0.99 }]]];
  const { digits } = choose(layouts, { left: 5, top: 7, scale: 2.5 });
  expect(digits[0]?.box).toEqual({ left: 12, top: 42, right: 63, bottom: 143 });
});
