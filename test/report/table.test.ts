import { expect, test } from 'vitest';
import { formatConfusionMatrix, formatTable } from '../../src/report/table.ts';

const columns = [
  { title: 'class', align: 'left' },
  { title: 'recall', align: 'right' },
] as const;

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

test('a confusion matrix has labels down, predictions across, and a dot for 0', () => {
  const matrix = [
    [980, 0, 2],
    [0, 1135, 0],
    [11, 0, 7],
  ];
  expect(formatConfusionMatrix(matrix)).toBe(
    [
      '       prediction',
      'label    0     1  2',
      '    0  980     ·  2',
      '    1    ·  1135  ·',
      '    2   11     ·  7',
    ].join('\n'),
  );
});
