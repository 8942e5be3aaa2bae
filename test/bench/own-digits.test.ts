import { expect, test } from 'vitest';
import { answerOf, isRight, type Outcome } from '../../bench/own-digits/reading.ts';
import { loadRealDigits } from '../../bench/own-digits/real.ts';
import { formatLine, type Line, linesBySource } from '../../bench/own-digits/table.ts';
import { createTempFolder } from '../support/folder.ts';

const line: Line = { type: 'share', what: 'cells', right: 97, of: 100, least: 0.97, aim: 0.98 };
const noPicture = () => new Uint8Array(0);

test('a line says how far a share is from what is asked', () => {
  const start = 'cells'.padEnd(56);
  expect([96, 97, 98].map((right) => formatLine({ ...line, right }))).toEqual([
    `${start}    96 of 100  96.0 % (90.2 to 98.4)      97.0 %  98.0 %  BELOW`,
    `${start}    97 of 100  97.0 % (91.5 to 99.0)      97.0 %  98.0 %  met`,
    `${start}    98 of 100  98.0 % (93.0 to 99.4)      97.0 %  98.0 %  aim met`,
  ]);
});

test('a blank picture claims no digit', () => {
  expect(answerOf({ type: 'blank', name: 'a', stages: undefined })).toBe('');
});

test('a picture without a digit is right where none is claimed, not where it could not be read', () => {
  const scene = { name: 'a', answer: '', source: 's', bytes: noPicture };
  const outcome = { scene, answer: '', count: 0, box: undefined };
  expect(isRight({ ...outcome, failure: undefined })).toBe(true);
  expect(isRight({ ...outcome, failure: 'decoding took more than 5 s' })).toBe(false);
});

test('each source has a line', () => {
  const outcomes: Outcome[] = ['s1', 's2', 's1'].map((source, index) => ({
    scene: { name: String(index), answer: '4', source, bytes: noPicture },
    answer: index === 0 ? '4' : '9',
    count: 1,
    box: undefined,
    failure: undefined,
  }));
  expect(outcomes.map(isRight)).toEqual([true, false, false]);
  expect(linesBySource(outcomes).map(({ what, right, of }) => [what, right, of])).toEqual([
    ['  s1', 1, 2],
    ['  s2', 0, 1],
  ]);
});

test('without the folder there are no real digits', () => {
  expect(loadRealDigits(createTempFolder())).toBeUndefined();
});
