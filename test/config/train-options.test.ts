import { describe, expect, test } from 'vitest';
import { type Option, type OptionTable, variableName } from '../../src/config/options.ts';
import { dataOptions, isKnownOption, isListOption, trainOptions } from '../../src/config/train-options.ts';

const table: OptionTable = trainOptions;
const options: readonly (readonly [string, Option<unknown>])[] = Object.entries(table);

describe('the options of train', () => {
  test('have the documented defaults', () => {
    const defaults = Object.fromEntries(
      options
        .filter(([, option]) => option.default !== undefined)
        .map(([key, option]) => [key, option.default]),
    );
    expect(defaults).toEqual({
      arch: 'cnn',
      epochs: 1,
      batchSize: 50,
      lr: 0.001,
      optimizer: 'adam',
      beta1: 0.9,
      beta2: 0.999,
      weightDecay: 0,
      labelSmoothing: 0,
      average: 0,
      schedule: 'constant',
      seed: 0,
      transpose: false,
      augment: 'none',
      nonDigits: 0,
      sampling: 'shuffle',
      evalEvery: 50,
      evalImages: 2000,
      dataset: 'mnist',
      dataDir: 'data',
      mirror: [],
      offline: false,
      out: 'models/net',
      keep: 3,
      kernels: 'auto',
      breakLock: false,
      printConfig: false,
      dryRun: false,
    });
  });

  test.each(options.filter(([, option]) => ['string', 'number', 'boolean'].includes(typeof option.default)))(
    'the default of %s is one that its own parser gives',
    (_, option) => {
      expect(option.parse(`${option.default as string | number | boolean}`)).toEqual(option.default);
    },
  );

  test.each(options)('%s has a description and says what it accepts', (_, option) => {
    expect([option.description, option.accepted].every((words) => /^[a-z]/.test(words))).toBe(true);
  });

  test('have variables that differ', () => {
    expect(new Set(options.map(([key]) => variableName(key))).size).toBe(options.length);
  });

  test('include those of the data', () => {
    expect(Object.keys(table)).toEqual(expect.arrayContaining(Object.keys(dataOptions)));
  });

  test('that make a run another run cannot be changed on resume', () => {
    expect(options.filter(([, { changeable }]) => changeable !== true).map(([key]) => key)).toEqual([
      'preset',
      'arch',
      'init',
      'dropout',
      'batchSize',
      'lr',
      'optimizer',
      'beta1',
      'beta2',
      'weightDecay',
      'labelSmoothing',
      'average',
      'schedule',
      'seed',
      'sampling',
      'augment',
      'augmentShift',
      'augmentRotation',
      'augmentScale',
      'augmentShear',
      'augmentElastic',
      'nonDigits',
      'validation',
      'evalEvery',
      'evalImages',
    ]);
  });
});

describe('seed', () => {
  test.each([
    ['0', 0],
    ['4294967295', 4_294_967_295],
    ['-1', undefined],
    ['4294967296', undefined],
    ['9007199254740992', undefined],
  ])('%s is taken for %s', (given, value) => {
    expect(trainOptions.seed.parse(given)).toBe(value);
  });
});

describe('validation', () => {
  test.each([
    ['0', 0],
    ['5000', 5000],
    ['59999', 59_999],
    ['test-half', 'test-half'],
    ['60000', undefined],
    ['-1', undefined],
    ['half', undefined],
    ['', undefined],
  ])('%s is taken for %s', (given, value) => {
    expect(trainOptions.validation.parse(given)).toBe(value);
  });
});

describe('weightDecay', () => {
  test.each([
    ['0', 0],
    ['0.01', 0.01],
    ['1e-4', 0.0001],
    ['-0.01', undefined],
    ['NaN', undefined],
    ['Infinity', undefined],
    ['1000001', undefined],
  ])('%s is taken for %s', (given, value) => {
    expect(trainOptions.weightDecay.parse(given)).toBe(value);
  });
});

describe('tsne', () => {
  test('stands bare for each log point', () => {
    expect(trainOptions.tsne.bare).toBe('log-points');
  });

  test.each([
    ['log-points', 'log-points'],
    ['100', 100],
    ['1000000', 1_000_000],
    ['0', undefined],
    ['1000001', undefined],
    ['true', undefined],
    ['', undefined],
  ])('%s is taken for %s', (given, value) => {
    expect(trainOptions.tsne.parse(given)).toBe(value);
  });
});

describe('resume', () => {
  test('stands bare for the folder of --out', () => {
    expect(trainOptions.resume.bare).toBe('');
  });

  test.each(['', 'a\0b'])('refuses %j', (given) => {
    expect(trainOptions.resume.parse(given)).toBeUndefined();
  });
});

test.each(['config', 'resume', 'printConfig', 'dryRun', 'breakLock', 'constructor', '__proto__', 'Epochs'])(
  'a config file may not hold %s',
  (key) => {
    expect(isKnownOption(key)).toBe(false);
  },
);

test('mirror is the only list', () => {
  expect(options.map(([key]) => key).filter(isListOption)).toEqual(['mirror']);
});
