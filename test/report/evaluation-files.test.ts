import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type DrawnError, writeEvaluation } from '../../src/report/evaluation-files.ts';
import { createTempFolder } from '../support/folder.ts';

const root = createTempFolder();
const folder = path.join(root, 'net');
const matrix = [
  [7, 1],
  [2, 10],
];
const pixels = new Uint8Array(784);
const errors: readonly DrawnError[] = [
  { index: 3, label: 0, prediction: 1, probability: 0.6, labelProbability: 0.4, pixels },
  { index: 5, label: 1, prediction: 0, probability: 2 / 3, labelProbability: 1 / 3, pixels },
  { index: 9, label: 1, prediction: 0, probability: 0.55, labelProbability: 0.45, pixels },
];

const reliability = { bins: [], error: 0.01 };

describe('the files of an evaluation', () => {
  let written: readonly string[];

  beforeAll(async () => {
    written = await writeEvaluation(folder, { matrix, errors, count: 20, reliability });
  });

  test('are seven, in a folder made for them, and nothing else', () => {
    expect(fs.readdirSync(folder)).toEqual([
      'confusion_matrix.csv',
      'confusion_matrix.png',
      'confusion_matrix.svg',
      'errors.csv',
      'errors.png',
      'reliability.png',
      'reliability.svg',
    ]);
  });

  test('are named to the caller', () => {
    expect(written).toEqual([
      path.join(folder, 'confusion_matrix.csv'),
      path.join(folder, 'confusion_matrix.svg'),
      path.join(folder, 'confusion_matrix.png'),
      path.join(folder, 'reliability.svg'),
      path.join(folder, 'reliability.png'),
      path.join(folder, 'errors.csv'),
      path.join(folder, 'errors.png'),
    ]);
  });

  test('hold the counts with labels as rows', () => {
    const text = fs.readFileSync(path.join(folder, 'confusion_matrix.csv'), 'utf8');
    expect(text).toBe('label,0,1\n0,7,1\n1,2,10\n');
  });

  test('list the errors in the order of the images', () => {
    const text = fs.readFileSync(path.join(folder, 'errors.csv'), 'utf8');
    expect(text).toBe(
      [
        'index,label,prediction,probability,label_probability',
        '3,0,1,0.6,0.4',
        '5,1,0,0.666667,0.333333',
        '9,1,0,0.55,0.45',
        '',
      ].join('\n'),
    );
  });

  test.each(['confusion_matrix.png', 'reliability.png', 'errors.png'])('%s is a PNG', (name) => {
    const start = fs.readFileSync(path.join(folder, name)).subarray(0, 8).toString('latin1');
    expect(start).toBe('\x89PNG\r\n\x1a\n');
  });

  test('replace those of an earlier evaluation', async () => {
    await writeEvaluation(folder, { matrix: [[1]], errors: [], count: 1, reliability });
    expect(fs.readFileSync(path.join(folder, 'errors.csv'), 'utf8')).toBe(
      'index,label,prediction,probability,label_probability\n',
    );
  });
});

test('a folder that cannot be made is named with the reason', async () => {
  const file = path.join(createTempFolder(), 'evaluation-file');
  fs.writeFileSync(file, '');
  await expect(
    writeEvaluation(path.join(file, 'net'), { matrix: [[1]], errors: [], count: 1, reliability }),
  ).rejects.toMatchObject({
    code: 'E_NOT_WRITABLE',
    message: 'cannot create net: a part of the path is not a folder (ENOTDIR)',
  });
});
