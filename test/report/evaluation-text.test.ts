import { expect, test } from 'vitest';
import {
  formatClassTable,
  formatConfusionMatrix,
  formatErrorMask,
  formatStretches,
} from '../../src/report/evaluation-text.ts';

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

test('a class table gives parts in percent', () => {
  const classes = [
    { precision: 0.9876, recall: 1, f1: 0.99376, support: 980 },
    { precision: 0, recall: 0, f1: 0, support: 1135 },
  ];
  expect(formatClassTable(classes)).toBe(
    [
      'class  precision    recall       F1  images',
      '    0    98.76 %  100.00 %  99.38 %     980',
      '    1     0.00 %    0.00 %   0.00 %   1,135',
    ].join('\n'),
  );
});

test('a table of stretches gives loss and accuracy of each', () => {
  const stretches = [
    { first: 0, last: 99, loss: 2.302585, accuracy: 0.1 },
    { first: 100, last: 199, loss: 0.05, accuracy: 0.98 },
  ];
  expect(formatStretches(stretches)).toBe(
    ['    images    loss  accuracy', '   0 to 99  2.3026   10.00 %', '100 to 199  0.0500   98.00 %'].join(
      '\n',
    ),
  );
});

test('an error mask has 1 where prediction and real digit differ', () => {
  expect(formatErrorMask(Uint8Array.of(7, 2, 1), Uint8Array.of(7, 3, 1))).toBe(
    ['images 0 to 2', '  prediction  7 3 1', '  true digit  7 2 1', '  error       0 1 0'].join('\n'),
  );
});

test('an error mask has thirty images a block', () => {
  const text = formatErrorMask(new Uint8Array(61), new Uint8Array(61));
  expect(text.match(/^images .*$/gm)).toEqual(['images 0 to 29', 'images 30 to 59', 'images 60 to 60']);
});
