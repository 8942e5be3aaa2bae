import { expect, test } from 'vitest';
import { alignColumns, formatTable, numberColumns, wordColumns } from '../../src/core/table.ts';

const columns = [...wordColumns(['class']), ...numberColumns(['recall'])];

test('words stand to the left of their column, numbers to the right', () => {
  const rows = [
    ['zero', '99.1 %'],
    ['seventeen', '3 %'],
  ];
  expect(formatTable(columns, rows)).toBe(
    ['class      recall', 'zero       99.1 %', 'seventeen     3 %'].join('\n'),
  );
});

test('no line of a table ends in a space', () => {
  expect(formatTable(columns, [['one', '']])).toBe(['class  recall', 'one'].join('\n'));
});

test('a table without rows is its titles', () => {
  expect(formatTable(columns, [])).toBe('class  recall');
});

test('columns of numbers stand to the right', () => {
  expect(formatTable(numberColumns(['n', 'images']), [['10', '5']])).toBe(
    [' n  images', '10       5'].join('\n'),
  );
});

test('rows without titles are aligned as well, to the left by default', () => {
  expect(
    alignColumns([
      ['a', 'word'],
      ['longer', 'b'],
    ]),
  ).toBe(['a       word', 'longer  b'].join('\n'));
});

test('no rows are no text', () => {
  expect(alignColumns([])).toBe('');
});
