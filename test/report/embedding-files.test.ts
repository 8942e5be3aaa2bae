import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readEmbedding, writeEmbedding } from '../../src/report/embedding-files.ts';
import { catchError } from '../support/caught.ts';
import { createTempFolder } from '../support/folder.ts';

const map = {
  positions: Float64Array.of(0.1, -1 / 3, 1e-17, 12.5),
  labels: Uint8Array.of(7, 2),
  predictions: Uint8Array.of(7, 3),
};
const words = { title: 'title', subtitle: 'subtitle' };

describe('the files of an embedding', () => {
  test('are two pictures and a table', async () => {
    const folder = path.join(createTempFolder(), 'tsne');
    const files = await writeEmbedding(folder, 'step-000050', { map, words });
    expect(files.map((file) => path.relative(folder, file))).toEqual([
      'step-000050.svg',
      'step-000050.png',
      'step-000050.csv',
    ]);
    expect(fs.readFileSync(path.join(folder, 'step-000050.csv'), 'utf8')).toBe(
      'index,label,prediction,x,y\n0,7,7,0.1,-0.3333333333333333\n1,2,3,1e-17,12.5\n',
    );
  });

  test('give the map back to the last bit', async () => {
    const [, , csv = ''] = await writeEmbedding(createTempFolder(), 'map', { map, words });
    expect(readEmbedding(csv)).toEqual(map);
  });

  test.each([
    ['another table', 'a,b\n1,2\n'],
    ['a row that is cut off', 'index,label,prediction,x,y\n0,7,7,0.1\n'],
    ['a row out of order', 'index,label,prediction,x,y\n1,7,7,0,0\n'],
    ['words', 'index,label,prediction,x,y\n0,7,7,left,0\n'],
  ])('are refused with %s', (_, text) => {
    const file = path.join(createTempFolder(), 'map.csv');
    fs.writeFileSync(file, text);
    expect(catchError(() => readEmbedding(file))).toMatchObject({
      code: 'E_MODEL_FORMAT',
      message: 'cannot read map.csv: it is not a table of positions',
      hint: 'Remove it to have it drawn again.',
    });
  });
});
