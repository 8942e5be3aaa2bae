import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { formatMatrix } from './format-matrix.ts';
import { matrix } from './matrix.ts';
import { findTaggedTests, root } from './tagged-tests.ts';

const rows = matrix.flatMap((section) => section.rows);
const tests = findTaggedTests();

test('the matrix has 193 rows, numbered without a gap', () => {
  const expected = matrix.flatMap((section, index) =>
    section.rows.map((_, row) => `${'ABCDEFGHIJ'[index]}${row + 1}`),
  );
  expect(rows.map(({ id }) => id)).toEqual(expected);
  expect(rows).toHaveLength(193);
});

test('each row has a test, or the reason why it has none', () => {
  const bare = rows.filter(({ id, untested }) => !tests.has(id) && untested === undefined);
  expect(bare.map(({ id }) => id)).toEqual([]);
});

test('no row with a test gives a reason for having none', () => {
  expect(rows.filter(({ id, untested }) => tests.has(id) && untested !== undefined)).toEqual([]);
});

test('each number in a title is that of a row', () => {
  const known = new Set(rows.map(({ id }) => id));
  expect([...tests.keys()].filter((id) => !known.has(id))).toEqual([]);
});

test('docs/faults.md is what the matrix says; npm run docs writes it', () => {
  expect(fs.readFileSync(path.join(root, 'docs/faults.md'), 'utf8')).toBe(formatMatrix());
});
