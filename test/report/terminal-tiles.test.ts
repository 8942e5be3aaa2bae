import { expect, test } from 'vitest';
import { formatTiles, wrapTiles } from '../../src/report/terminal-tiles.ts';

const scale = { type: 'diverging', low: -1, high: 1 } as const;
const light = { values: new Float32Array(16).fill(1), width: 4, height: 4 };
const tile = '@'.repeat(12);

test('small tiles are enlarged to about twelve columns, two columns apart', () => {
  const { text } = formatTiles({ scale, rows: [[light, light]], color: false });
  expect(text.split('\n')).toEqual(Array.from({ length: 6 }, () => `${tile}  ${tile}`));
});

test('large tiles are reduced to about twelve columns', () => {
  const large = { values: new Float32Array(28 * 28).fill(1), width: 28, height: 28 };
  const { text } = formatTiles({ scale, rows: [[large, large]], color: false });
  expect(text.split('\n')).toEqual(Array.from({ length: 7 }, () => `${'@'.repeat(14)} ${'@'.repeat(14)}`));
});

test('a single row that is too wide continues in the lines below', () => {
  const { text, isWhole } = formatTiles({ scale, rows: [[light, light, light]], color: false, columns: 30 });
  expect([text.split('\n').map(({ length }) => length), isWhole]).toEqual([
    [26, 26, 26, 26, 26, 26, 0, 12, 12, 12, 12, 12, 12],
    true,
  ]);
});

test('of several rows, what does not fit is left out', () => {
  const rows = [
    [light, light, light],
    [light, light, light],
  ];
  const { text, isWhole } = formatTiles({ scale, rows, color: false, columns: 30, limit: 1 });
  expect([text.split('\n').map(({ length }) => length), isWhole]).toEqual([[26, 26, 26, 26, 26, 26], false]);
});

test('a list is wrapped into rows, the last with the rest', () => {
  expect(wrapTiles([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
});
