import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ConfigFile } from '../../src/config/config-file.ts';
import { paths } from '../../src/config/options.ts';
import { checkFlags, type OptionSources, resolveOptions } from '../../src/config/resolve.ts';
import { trainOptions } from '../../src/config/train-options.ts';
import { catchError } from '../support/caught.ts';

const folder = path.resolve('some', 'where');
const configFile = (
  entries: Readonly<Record<string, string>>,
  origin: 'file' | 'run' = 'file',
): ConfigFile => ({
  path: path.join(folder, 'mnist-cnn.config.json'),
  entries: new Map(
    Object.entries(entries).map(([key, text]) => [key, { text, place: 'mnist-cnn.config.json:3:5' }]),
  ),
  origin,
});
const resolve = (sources: Partial<OptionSources>) =>
  resolveOptions(trainOptions, { flags: {}, environment: {}, ...sources });

describe('an option', () => {
  const all = {
    flags: { epochs: '2' },
    environment: { MNIST_CNN_EPOCHS: '3' },
    file: configFile({ epochs: '4' }),
  };
  const { flags, environment, file } = all;

  test.each<[string, Partial<OptionSources>, number, string]>([
    ['its flag', all, 2, 'flag'],
    ['its variable without a flag', { environment, file }, 3, 'variable'],
    ['the config file without both', { file }, 4, 'file'],
    ['its default without all three', {}, 1, 'default'],
    ['its flag over the config file', { flags, file }, 2, 'flag'],
  ])('has the value of %s, and says so', (_, sources, value, origin) => {
    const { values, origins } = resolve(sources);
    expect([values.epochs, origins.epochs]).toEqual([value, origin]);
  });

  test('of a stored run has the origin run', () => {
    expect(resolve({ file: configFile({ epochs: '4' }, 'run') }).origins.epochs).toBe('run');
  });

  test('has a value and an origin, every one', () => {
    const { values, origins } = resolve({});
    expect([Object.keys(values), Object.keys(origins)]).toEqual([
      Object.keys(trainOptions),
      Object.keys(trainOptions),
    ]);
  });

  test('of a preset is weaker than all but the default, and has the origin preset', () => {
    const presets = { fast99: { lr: '0.5', beta1: '0.25', epochs: '7' } };
    const { values, origins } = resolve({
      flags: { preset: 'fast99', lr: '0.125' },
      file: configFile({ epochs: '4' }),
      presets,
    });
    expect([values.lr, values.beta1, values.epochs, values.beta2]).toEqual([0.125, 0.25, 4, 0.999]);
    expect([origins.lr, origins.beta1, origins.epochs, origins.beta2]).toEqual([
      'flag',
      'preset',
      'file',
      'default',
    ]);
  });

  test('given as a bare flag has the value for that', () => {
    const { values } = resolve({ flags: { offline: true, resume: true } });
    expect([values.offline, values.resume]).toEqual([true, '']);
  });

  test('of seed 0 is 0, and given', () => {
    const { values, origins } = resolve({ flags: { seed: '0' } });
    expect([values.seed, origins.seed]).toEqual([0, 'flag']);
  });

  test('is not set by a variable of another prefix', () => {
    expect(resolve({ environment: { EPOCHS: '3', mnist_cnn_epochs: '3' } }).values.epochs).toBe(1);
  });
});

describe('a value that is not accepted', () => {
  test('behind a flag names the flag', () => {
    expect(catchError(() => resolve({ flags: { batchSize: '3.7' } }))).toMatchObject({
      code: 'E_USAGE',
      message: '--batch-size is "3.7", expected a whole number from 1 to 60,000',
    });
  });

  test.each(['0', '-1', 'NaN', '1e9'])('of %s for --lr names the range', (given) => {
    expect(catchError(() => resolve({ flags: { lr: given } })).message).toBe(
      `--lr is "${given}", expected a number above 0, at most 1e6`,
    );
  });

  test.each(['-1', '4294967296', '9007199254740992'])('of %s for --seed names the range', (given) => {
    expect(catchError(() => resolve({ flags: { seed: given } })).message).toBe(
      `--seed is "${given}", expected a whole number from 0 to 2^32-1`,
    );
  });

  test('in a variable names the variable', () => {
    expect(catchError(() => resolve({ environment: { MNIST_CNN_BATCH_SIZE: 'many' } }))).toMatchObject({
      code: 'E_CONFIG',
      message: 'the variable MNIST_CNN_BATCH_SIZE is "many", expected a whole number from 1 to 60,000',
    });
  });

  test('in an empty variable names the variable', () => {
    expect(catchError(() => resolve({ environment: { MNIST_CNN_LR: '' } })).message).toBe(
      'the variable MNIST_CNN_LR is "", expected a number above 0, at most 1e6',
    );
  });

  test('in the config file names its place', () => {
    expect(catchError(() => resolve({ file: configFile({ epochs: 'abc' }) }))).toMatchObject({
      code: 'E_CONFIG',
      message: 'mnist-cnn.config.json:3:5: epochs is abc, expected a whole number from 1 to 10,000',
      path: path.join(folder, 'mnist-cnn.config.json'),
    });
  });

  test('in the config file does not matter under a flag', () => {
    expect(resolve({ flags: { epochs: '2' }, file: configFile({ epochs: 'abc' }) }).values.epochs).toBe(2);
  });

  test('cannot drive a terminal', () => {
    expect(catchError(() => resolve({ flags: { epochs: '\u001b[2J' } })).message).toBe(
      '--epochs is "\\x1b[2J", expected a whole number from 1 to 10,000',
    );
  });
});

describe('a path', () => {
  test.each([
    ['dataDir', 'digits', path.join(folder, 'digits')],
    ['out', '../net', path.resolve(folder, '../net')],
    ['out', '/net', '/net'],
    ['dataset', './fashion', path.join(folder, 'fashion')],
    ['dataset', 'mnist.npz', path.join(folder, 'mnist.npz')],
    ['dataset', 'mnist', 'mnist'],
    ['dataset', 'synthetic', 'synthetic'],
  ] as const)('in a config file is relative to it: %s %s', (key, text, value) => {
    expect(resolve({ file: configFile({ [key]: text }) }).values[key]).toBe(value);
  });

  test('in a list is relative to the config file, an address stands', () => {
    const file = configFile({ mirror: '../shared/mnist,https://a.example/mnist/' });
    expect(resolve({ file }).values.mirror).toEqual([
      path.resolve(folder, '../shared/mnist'),
      'https://a.example/mnist/',
    ]);
  });

  test.each<[string, Partial<OptionSources>]>([
    ['behind a flag', { flags: { out: 'net' }, file: configFile({}) }],
    ['in a variable', { environment: { MNIST_CNN_OUT: 'net' }, file: configFile({}) }],
    ['of a stored run', { file: configFile({ out: 'net' }, 'run') }],
  ])('%s stands as it is given', (_, sources) => {
    expect(resolve(sources).values.out).toBe('net');
  });
});

describe('an option that takes several paths', () => {
  const table = { model: paths({ description: '', default: ['net'], isFurther: () => false }) };

  test('has the values of all its flags', () => {
    const { values, origins } = resolveOptions(table, { flags: { model: ['a', 'b'] }, environment: {} });
    expect([values.model, origins.model]).toEqual([['a', 'b'], 'flag']);
  });

  test('has one value of its variable', () => {
    const { values } = resolveOptions(table, { flags: {}, environment: { MNIST_CNN_MODEL: 'a' } });
    expect(values.model).toEqual(['a']);
  });

  test('names the one that is not accepted', () => {
    expect(catchError(() => checkFlags(table, { model: ['a', 'b\0c'] })).message).toBe(
      '--model is "b\\x00c", expected a path',
    );
  });
});

describe('checkFlags', () => {
  test('finds a value that is not accepted', () => {
    expect(catchError(() => checkFlags(trainOptions, { epochs: '0' })).message).toBe(
      '--epochs is "0", expected a whole number from 1 to 10,000',
    );
  });

  test('finds nothing wrong with flags that are accepted', () => {
    expect(() => checkFlags(trainOptions, { epochs: '1', offline: true })).not.toThrow();
  });
});
