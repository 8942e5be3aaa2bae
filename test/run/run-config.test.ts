import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolveOptions } from '../../src/config/resolve.ts';
import { trainOptions } from '../../src/config/train-options.ts';
import {
  asOptionSource,
  checkResumedOptions,
  describeMachine,
  hasRun,
  readRunConfig,
  toStoredOptions,
  writeRunConfig,
} from '../../src/run/run-config.ts';
import { catchError } from '../support/caught.ts';
import { createTempFolder } from '../support/folder.ts';
import { createConfig } from '../support/run-config.ts';

const writeText = (text: string) => {
  const folder = createTempFolder();
  fs.writeFileSync(path.join(folder, 'config.json'), text);
  return folder;
};

describe('a stored config', () => {
  test('is read as it was written', () => {
    const folder = createTempFolder();
    writeRunConfig(folder, createConfig());
    expect(readRunConfig(folder)).toEqual(createConfig());
  });

  test('reports that a folder holds a run', () => {
    const folder = createTempFolder();
    const before = hasRun(folder);
    writeRunConfig(folder, createConfig());
    expect([before, hasRun(folder)]).toEqual([false, true]);
  });

  test.each([
    ['in an empty folder', createTempFolder],
    ['in no folder', () => path.join(createTempFolder(), 'missing')],
    [
      'in a file',
      () => {
        const file = path.join(createTempFolder(), 'x');
        fs.writeFileSync(file, '');
        return file;
      },
    ],
  ])('%s is not a run to resume', (_, find) => {
    const folder = find();
    expect(catchError(() => readRunConfig(folder))).toMatchObject({
      code: 'E_NO_CHECKPOINT',
      message: `no run to resume in ${folder}`,
      hint: 'Start one:',
      retryWith: { resume: undefined, out: folder },
    });
  });

  test.each([
    ['cut off', '{"format": 1,', 'E_MODEL_FORMAT', 'it is not JSON'],
    ['a list', '[]', 'E_MODEL_FORMAT', 'it: Invalid input: expected object, received array'],
    ['without its format', '{}', 'E_MODEL_FORMAT', 'format: Invalid input: expected 1'],
    [
      'of a newer version',
      '{"format": 2}',
      'E_MODEL_VERSION',
      'it has format version 2, but this tool reads up to 1',
    ],
  ])('that is %s is refused', (_, text, code, reason) => {
    expect(catchError(() => readRunConfig(writeText(text)))).toMatchObject({
      code,
      message: `cannot read config.json: ${reason}`,
    });
  });

  test('with an object for an option is refused by its name', () => {
    const text = JSON.stringify({ ...createConfig(), options: { epochs: {} } });
    expect(catchError(() => readRunConfig(writeText(text))).message).toBe(
      'cannot read config.json: options.epochs: Invalid input',
    );
  });

  test('with __proto__ among its options changes nothing that objects inherit', () => {
    const text = JSON.stringify(createConfig()).replace('"arch":', '"__proto__":"polluted","arch":');
    expect(Object.keys(readRunConfig(writeText(text)).options)).toEqual(Object.keys(createConfig().options));
  });
});

describe('stored options', () => {
  test('stand in for config file and defaults, each with the value that it had', () => {
    const file = asOptionSource('net', createConfig(), trainOptions);
    const { values, origins } = resolveOptions(trainOptions, { flags: {}, environment: {}, file });
    expect({ ...values, origin: origins.lr, default: origins.batchSize }).toMatchObject({
      arch: 'cnn',
      epochs: 1,
      lr: 1e-7,
      seed: 0,
      offline: false,
      mirror: ['a', 'b'],
      time: 90_000,
      origin: 'run',
      default: 'default',
    });
  });

  test('come back the same for every option of train', () => {
    const flags = {
      arch: 'convnet',
      dropout: '0.25',
      epochs: '3',
      maxSteps: '9',
      time: '5m',
      targetAcc: '0.99',
      patience: '2',
      batchSize: '7',
      lr: '0.1',
      optimizer: 'sgd',
      schedule: 'cosine',
      seed: '4294967295',
      sampling: 'replacement',
      validation: 'test-half',
      evalEvery: '5',
      evalImages: '6',
      dataset: 'synthetic',
      dataDir: 'd',
      mirror: 'a,b',
      offline: 'true',
      out: 'o',
      checkpointEvery: '8',
      keep: '4',
      saveWeights: 'w',
      threads: '2',
    };
    const { values } = resolveOptions(trainOptions, { flags, environment: {} });
    const config = createConfig({ options: toStoredOptions(values) });
    const file = asOptionSource('net', config, trainOptions);
    expect(resolveOptions(trainOptions, { flags: {}, environment: {}, file }).values).toEqual(values);
  });

  test('leave out what was not set', () => {
    expect(toStoredOptions({ dropout: undefined, epochs: 1 })).toEqual({ epochs: 1 });
  });

  test('that this version does not know are skipped', () => {
    const config = createConfig({ options: { flavor: 'sweet', epochs: 2 } });
    expect([...asOptionSource('net', config, trainOptions).entries.keys()]).toEqual(['epochs']);
  });
});

describe('a resumed run', () => {
  test('may be given what it was started with', () => {
    expect(() =>
      checkResumedOptions(trainOptions, { lr: 0.001, seed: 0 }, { lr: 0.001, seed: 0 }),
    ).not.toThrow();
  });

  test('may be given other values of what does not make it another run', () => {
    expect(() =>
      checkResumedOptions(trainOptions, { epochs: 1, keep: 3 }, { epochs: 2, keep: 5 }),
    ).not.toThrow();
  });

  test('is refused each option that would make it another run, old and new', () => {
    const stored = { arch: 'cnn', batchSize: 50, seed: 0 };
    const given = { arch: 'convnet', batchSize: 100, seed: 1, dropout: 0.5 };
    expect(catchError(() => checkResumedOptions(trainOptions, stored, given))).toMatchObject({
      code: 'E_RESUME_MISMATCH',
      message:
        'cannot resume with options that differ from those the run was started with: --arch: cnn -> convnet, ' +
        '--batch-size: 50 -> 100, --seed: 0 -> 1, --dropout: not set -> 0.5',
      hint: 'To start a new run, leave out --resume. To resume this one unchanged:',
      retryWith: { arch: undefined, batchSize: undefined, seed: undefined, dropout: undefined },
    });
  });
});

test('the machine is described by what bears on the numbers', () => {
  const { platform, threads, cores } = describeMachine(3);
  expect([platform, threads, Number(cores) > 0]).toEqual([`${process.platform}-${process.arch}`, 3, true]);
});
