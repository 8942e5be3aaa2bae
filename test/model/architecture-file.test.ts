import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { loadArchitectureFile, restoreArchitecture } from '../../src/model/architecture-file.ts';
import { findArchitecture } from '../../src/model/architectures.ts';
import { catchError } from '../support/caught.ts';
import { createTempFolder } from '../support/folder.ts';

const layers = `
  - { type: conv2d, filters: 8, kernelSize: 3, padding: 1, dilationRate: 1, groups: 1, activation: tanh }
  - { type: averagePooling2d, poolSize: 2, strides: 2 }
  - { type: batchNormalization }
  - { type: activation, activation: sigmoid }
  - { type: flatten }
  - { type: dropout, rate: 0.5 }
  - { type: dense, units: 10, useBias: false, initializer: { type: normal, standardDeviation: 0.1 } }
`;

function write(text: string, name = 'own.yaml'): string {
  const file = path.join(createTempFolder(), name);
  fs.writeFileSync(file, text);
  return file;
}

const load = (text: string, name?: string) => loadArchitectureFile(write(text, name));

async function refusalOf(text: string): Promise<string> {
  const error = await load(text).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ code: 'E_MODEL_FORMAT', path: expect.stringContaining('own.yaml') });
  return (error as Error).message; // toMatchObject has seen that it is one
}

describe('an architecture file', () => {
  test('gives every kind of layer as it stands there', async () => {
    const { architecture } = await load(`name: mine\npixels: [-0.5, 0.5]\nvalidation: 100\nlayers:${layers}`);
    expect(architecture).toEqual({
      name: 'mine',
      pixels: { scale: 1 / 255, offset: -0.5 },
      validation: 100,
      layers: [
        {
          type: 'conv2d',
          filters: 8,
          kernelSize: 3,
          padding: 1,
          dilationRate: 1,
          groups: 1,
          activation: 'tanh',
        },
        { type: 'averagePooling2d', poolSize: 2, strides: 2 },
        { type: 'batchNormalization' },
        { type: 'activation', activation: 'sigmoid' },
        { type: 'flatten' },
        { type: 'dropout', rate: 0.5 },
        {
          type: 'dense',
          units: 10,
          useBias: false,
          initializer: { type: 'normal', standardDeviation: 0.1 },
        },
      ],
    });
  });

  test('may be JSON, and is called by its file name where it has no name', async () => {
    const { architecture } = await load(
      JSON.stringify({ layers: [{ type: 'flatten' }, { type: 'dense', units: 10 }] }),
      'two.json',
    );
    expect(architecture).toEqual({
      name: 'two',
      pixels: { scale: 1 / 255, offset: 0 },
      validation: 0,
      layers: [{ type: 'flatten' }, { type: 'dense', units: 10 }],
    });
  });

  test('can say what the built-in network cnn is', async () => {
    const cnn = findArchitecture('cnn');
    const { architecture } = await load(JSON.stringify({ name: 'cnn', layers: cnn.layers }));
    expect(architecture).toEqual(cnn);
  });

  test('is restored from its source', async () => {
    const { architecture, source } = await load(`layers:${layers}`);
    expect(restoreArchitecture(JSON.parse(JSON.stringify(source)))).toEqual(architecture);
  });

  test('may describe two digits and their sum', async () => {
    const { architecture } = await load('task: sum\nlayers: [{ type: flatten }, { type: dense, units: 19 }]');
    expect(architecture.task).toBe('sum');
  });
});

test.each([
  [
    'a misspelt key',
    'layers: [{ type: conv2d, filter: 8, kernelSize: 3 }]',
    'own.yaml:1:10: layer 1: unknown key "filter", expected one of type, filters, kernelSize, padding, strides, dilationRate, groups, activation, useBias, initializer',
  ],
  [
    'a key that no file has',
    'lairs: []',
    'own.yaml:1:1: unknown key "lairs", expected one of name, task, pixels, validation, layers',
  ],
  [
    'a layer without its filters',
    'layers: [{ type: conv2d, kernelSize: 3 }]',
    'own.yaml:1:10: layer 1: filters is missing',
  ],
  [
    'an unknown layer',
    'layers:\n  - type: lstm',
    'own.yaml:2:11: layer 1: unknown type, expected one of conv2d, maxPooling2d, averagePooling2d, flatten, dense, activation, batchNormalization, dropout',
  ],
  ['no layers', 'name: x', 'own.yaml:1:1: layers is missing'],
  [
    'half a filter',
    'layers: [{ type: conv2d, filters: 2.5, kernelSize: 3 }]',
    'own.yaml:1:35: layer 1: filters: Invalid input: expected int, received number',
  ],
  [
    'groups that do not divide the channels',
    'layers: [{ type: conv2d, filters: 8, kernelSize: 3, groups: 2 }]',
    'own.yaml: layer 1 (conv2d_1) has 2 groups, which do not divide its 1 input channels',
  ],
  [
    'groups that do not divide the filters',
    'layers: [{ type: conv2d, filters: 4, kernelSize: 3 }, { type: conv2d, filters: 6, kernelSize: 3, groups: 4 }]',
    'own.yaml: layer 2 (conv2d_2) has 4 groups, which do not divide its 6 filters',
  ],
  [
    'a shape that becomes empty',
    'layers: [{ type: conv2d, filters: 4, kernelSize: 15, dilationRate: 2 }]',
    'own.yaml: layer 1 (conv2d_1) gets 28 x 28 x 1, less than the 29 x 29 of its window',
  ],
  [
    'nine answers',
    'layers: [{ type: flatten }, { type: dense, units: 9 }]',
    "own.yaml: the network's output is 9, expected 10",
  ],
  [
    'a dense layer on a picture',
    'layers: [{ type: dense, units: 10 }]',
    'own.yaml: layer 1 (dense_1) gets 28 x 28 x 1, expected 1 dimension: put flatten before it',
  ],
  [
    'broken brackets',
    'layers: [',
    'own.yaml:1:10: Flow sequence in block collection must be sufficiently indented and end with a ]',
  ],
])('%s is refused with its place', async (_, text, message) => {
  expect(await refusalOf(text)).toBe(message);
});

test('an anchor that would grow is refused', async () => {
  expect(await refusalOf('name: &a x\nlayers: [*a]')).toContain('own.yaml:1:1: ');
});

test('a key that is a list brings no warning of the parser to the terminal', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
  expect(await refusalOf('? [a]\n: 1\n')).toBe(
    'own.yaml:1:1: unknown key "[ a ]", expected one of name, task, pixels, validation, layers',
  );
  expect(warn).not.toHaveBeenCalled();
});

test('a stored architecture that is none is refused', () => {
  expect(catchError(() => restoreArchitecture({ layers: 'none' }))).toMatchObject({
    code: 'E_MODEL_FORMAT',
    message: 'cannot read the stored architecture: it is not an architecture',
  });
});
