import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  dropKeptWeights,
  forgetLaterSteps,
  keepWeights,
  listKeptSteps,
  listSteps,
  loadKeptWeights,
  stepName,
} from '../../src/run/kept-weights.ts';
import { catchError } from '../support/caught.ts';
import { createTempFolder } from '../support/folder.ts';

const arrays = [{ name: 'weights', shape: [2, 2], values: Float32Array.of(1, 2, 3, 4) }];

/** A folder with what is kept of these steps. */
function createFolder(...steps: readonly number[]): string {
  const folder = path.join(createTempFolder(), 'tsne');
  fs.mkdirSync(folder);
  for (const step of steps) keepWeights(folder, step, arrays);
  return folder;
}

describe('what is kept of a step', () => {
  test('comes back as it was', () => {
    expect(loadKeptWeights(createFolder(50), 50)).toEqual(arrays);
  });

  test('is found in the order of the steps', () => {
    expect(listKeptSteps(createFolder(1000, 0, 50))).toEqual([0, 50, 1000]);
  });

  test('is gone once it is dropped', () => {
    const folder = createFolder(0, 50);
    dropKeptWeights(folder, 0);
    expect(listKeptSteps(folder)).toEqual([50]);
  });

  test('is forgotten with the pictures of later steps, and only those', () => {
    const folder = createFolder(0, 50, 100);
    for (const name of ['step-000050.csv', 'step-000100.png', 'animation.gif'])
      fs.writeFileSync(path.join(folder, name), '');
    forgetLaterSteps(folder, 50);
    expect(fs.readdirSync(folder).sort()).toEqual([
      'animation.gif',
      'step-000000.tensors',
      'step-000050.csv',
      'step-000050.tensors',
    ]);
  });

  test('is refused of another step', () => {
    const folder = createFolder(50);
    fs.renameSync(path.join(folder, 'step-000050.tensors'), path.join(folder, 'step-000100.tensors'));
    expect(catchError(() => loadKeptWeights(folder, 100))).toMatchObject({
      code: 'E_MODEL_FORMAT',
      message: 'cannot read step-000100.tensors: it does not hold the weights of this step',
    });
  });
});

test('a folder that was removed is not made again', () => {
  const folder = createFolder(50);
  fs.rmSync(folder, { recursive: true });
  keepWeights(folder, 100, arrays);
  expect(fs.existsSync(folder)).toBe(false);
});

test('a folder that does not exist has no steps', () => {
  expect(listSteps(path.join(createTempFolder(), 'nothing'), '.csv')).toEqual([]);
});

test('names sort as their steps do', () => {
  expect([stepName(50), stepName(1_200_000)]).toEqual(['step-000050', 'step-1200000']);
});
