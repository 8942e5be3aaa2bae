import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { writeComparison, writeRunCurves } from '../../src/report/comparison-files.ts';
import { createTempFolder } from '../support/folder.ts';
import { pngSize } from '../support/svg.ts';

const pixels = new Uint8Array(784);
const names = ['a', 'b'] as const;
const differences = [
  { index: 4, label: 1, first: 7, second: 1, right: 'onlySecond', pixels },
  { index: 9, label: 2, first: 2, second: 3, right: 'onlyFirst', pixels },
  { index: 11, label: 5, first: 6, second: 3, right: 'neither', pixels },
] as const;

test('the differences become a table in the order of the images, and a picture', async () => {
  const folder = path.join(createTempFolder(), 'new');
  const files = await writeComparison(folder, { names, differences });
  expect(files).toEqual(['differences.csv', 'differences.png'].map((name) => path.join(folder, name)));
  expect(fs.readFileSync(path.join(folder, 'differences.csv'), 'utf8').split('\n')).toEqual([
    'index,label,prediction_a,prediction_b,right',
    '4,1,7,1,B',
    '9,2,2,3,A',
    '11,5,6,3,',
    '',
  ]);
  expect(pngSize(fs.readFileSync(path.join(folder, 'differences.png'))).height).toBe(
    2 * (2 * 16 + 30 + 84 + 2 * 14),
  );
});

test('the curves become a document and a picture', async () => {
  const folder = createTempFolder();
  const files = await writeRunCurves(folder, [{ name: 'a', points: [] }]);
  expect(files.map((file) => path.basename(file))).toEqual(['curves.svg', 'curves.png']);
  expect(fs.readdirSync(folder)).toEqual(['curves.png', 'curves.svg']);
});
