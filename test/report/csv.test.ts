import { expect, test } from 'vitest';
import { formatCsv } from '../../src/report/csv.ts';

test('rows of a CSV file end in a line feed, the last too', () => {
  expect(formatCsv(['a', 'b'], [[1, 2]])).toBe('a,b\n1,2\n');
});

test('a table without rows is its header', () => {
  expect(formatCsv(['index', 'label'], [])).toBe('index,label\n');
});

test.each([
  ['a comma', 'a,b', '"a,b"'],
  ['a line feed', 'a\nb', '"a\nb"'],
  ['a carriage return', 'a\rb', '"a\rb"'],
  ['a quotation mark, which is doubled', 'say "7"', '"say ""7"""'],
])('a cell with %s is quoted', (_, cell, written) => {
  expect(formatCsv(['x'], [[cell]])).toBe(`x\n${written}\n`);
});

test('a cell with spaces stands as it is', () => {
  expect(formatCsv(['x'], [[' a b ']])).toBe('x\n a b \n');
});

test.each([
  ['a value that was not measured', undefined],
  ['what is not a number', Number.NaN],
  ['infinity', Infinity],
])('%s leaves its cell empty', (_, cell) => {
  expect(formatCsv(['a', 'b', 'c'], [[1, cell, 3]])).toBe('a,b,c\n1,,3\n');
});
