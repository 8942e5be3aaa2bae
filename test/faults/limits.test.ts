import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readMetricsLog } from '../../src/run/metrics-log.ts';
import { createMemoryFolder, createTempFolder } from '../support/folder.ts';
import { type CliOptions, preload, runCli } from '../support/run-cli.ts';
import {
  fingerprint,
  goOn,
  listCheckpoints,
  listLeftOver,
  prepareTinyTraining,
} from '../support/tiny-training.ts';

const grounds = createMemoryFolder();
const words = prepareTinyTraining(grounds, ['--epochs=2', '--keep=9']);
const half = createMemoryFolder();
const whole = path.join(grounds, 'net');

/** A new folder to train in, with a training in it that stopped after the first of two epochs. */
function createHalf(): string {
  const cwd = createMemoryFolder();
  fs.cpSync(half, cwd, { recursive: true });
  return cwd;
}

const resumed = ['train', '--resume', 'net', '--epochs=2'];
const resume = (cwd: string, options: CliOptions = {}) => runCli(resumed, { ...options, cwd });

async function expectSameEnd(cwd: string): Promise<void> {
  await goOn(cwd, resumed);
  expect(fingerprint(path.join(cwd, 'net'))).toEqual(fingerprint(whole));
}

beforeAll(async () => {
  expect((await runCli(words, { cwd: grounds })).exit).toBe(0);
  expect((await runCli([...words, '--epochs=1'], { cwd: half })).exit).toBe(0);
});

describe.concurrent('a limit of open files', () => {
  test('that is too low to start is reported in words, with what raises it, and nothing is made (G2)', async () => {
    const cwd = createTempFolder();
    const { exit, stderr } = await runCli(words, { cwd, before: 'ulimit -n 60' });
    // Node 24 opens fewer files at once and may get by with so few: then nothing is amiss.
    if (exit === 0) return expect(fs.existsSync(path.join(cwd, 'net', 'model.json'))).toBe(true);
    expect([exit, stderr]).toEqual([
      74,
      'mnist-cnn: cannot continue: too many open files in this process (EMFILE)\n  Raise the limit in this shell and try again:\n    ulimit -n 1024\n',
    ]);
    expect(fs.readdirSync(cwd)).toEqual([]);
  });

  test('that is reached at a save ends with 74 and leaves what was saved before (G2)', async () => {
    const cwd = createMemoryFolder();
    const { exit, stderr } = await runCli([...words, '-q'], {
      cwd,
      env: { KILL_AT: 'openSync 2 \\.ckpt\\.tmp-', KILL_BY: 'ENFILE' },
      nodeFlags: preload('kill-at-call'),
    });
    expect([exit, stderr.split('\n')]).toEqual([
      74,
      [
        'mnist-cnn: cannot write step-000006.ckpt: too many open files in this system (ENFILE)',
        '  file: net/checkpoints/step-000006.ckpt',
        '  The checkpoint of step 3 is still good.',
        '',
      ],
    ]);
    await expectSameEnd(cwd);
  });
});

test.concurrent('no file is ever renamed from one folder into another, nor a common temp folder used (G3)', async () => {
  const options = { cwd: createTempFolder(), nodeFlags: preload('one-file-system') };
  const dataset = words.find((word) => word.startsWith('--dataset=')) ?? '';
  const commands = [
    [...words, '--save-weights=alone.weights'],
    words,
    ['eval', '--model=net', dataset, '--out-dir=results'],
  ];
  for (const command of commands) {
    const { exit, stderr } = await runCli(command, options);
    expect([exit, stderr.match(/EXDEV|nowhere/)], command.join(' ')).toEqual([0, null]);
  }
});

describe.concurrent('a name that is too long', () => {
  const long = 'x'.repeat(300);

  test('for a model folder is refused before the data is read, and nothing is made (G4)', async () => {
    const cwd = createTempFolder();
    const { exit, stderr } = await runCli([...words, `--out=${long}`, '--dataset=nowhere', '-q'], { cwd });
    expect([exit, stderr.split('\n')[0]]).toEqual([
      73,
      `mnist-cnn: cannot create .${'x'.repeat(198)}…: the name is too long (ENAMETOOLONG)`,
    ]);
    expect(fs.readdirSync(cwd)).toEqual([]);
  });

  test('for the file of the weights is refused before the data is read, and nothing is made (G4)', async () => {
    const cwd = createTempFolder();
    const given = [`--save-weights=a/b/${long}`, '--dataset=nowhere', '-q'];
    const { exit, stderr } = await runCli([...words, ...given], { cwd });
    expect([exit, stderr.split('\n')[0]]).toEqual([
      73,
      `mnist-cnn: cannot write ${'x'.repeat(199)}…: the name is too long (ENAMETOOLONG)`,
    ]);
    expect(fs.readdirSync(cwd)).toEqual([]);
  });

  test.each([
    [[], 73, `cannot write to the folder ${'x'.repeat(199)}…: the name is too long (ENAMETOOLONG)`],
    [
      ['--offline'],
      66,
      `cannot find train-images-idx3-ubyte.gz or train-images-idx3-ubyte: there is no folder ${'x'.repeat(199)}…`,
    ],
  ] as const)(
    'for the folder to download into is one that cannot be made, with %j one that is not there (G4)',
    async (more, code, message) => {
      const { exit, stderr } = await runCli(
        ['download', `--data-dir=${long}`, '--mirror=nowhere', ...more],
        {},
      );
      expect([exit, stderr.split('\n')[0]]).toEqual([code, `mnist-cnn: ${message}`]);
    },
  );

  test('for a folder of results is refused (G4)', async () => {
    const dataset = words.find((word) => word.startsWith('--dataset=')) ?? '';
    const { exit, stderr } = await runCli(['eval', '--model=net', dataset, `--out-dir=${long}`, '-q'], {
      cwd: grounds,
    });
    expect([exit, stderr.split('\n')[0]]).toEqual([
      73,
      `mnist-cnn: cannot create ${'x'.repeat(199)}…: the name is too long (ENAMETOOLONG)`,
    ]);
  });
});

test.concurrent('a file-size limit ends a training with 74 and not by SIGXFSZ; without it the run continues (G6)', async () => {
  const cwd = createMemoryFolder();
  const { exit, signal, stderr } = await runCli([...words, '-q'], { cwd, before: 'ulimit -f 50' });
  expect([exit, signal, stderr.split('\n')[0], listLeftOver(cwd)]).toEqual([
    74,
    null,
    'mnist-cnn: cannot write step-000003.ckpt: the file-size limit is reached (EFBIG)',
    [],
  ]);
  await expectSameEnd(cwd);
});

describe.concurrent('the log', () => {
  test('cut in the middle of a line by a crash loses that line alone, and the run continues (G7)', async () => {
    const cwd = createHalf();
    const log = path.join(cwd, 'net', 'log.jsonl');
    fs.truncateSync(log, fs.statSync(log).size - 20);
    expect((await resume(cwd)).exit).toBe(0);
    const events = readMetricsLog(log).map(({ event }) => event);
    expect(events.join(' ')).toBe('started step step checkpoint resumed step checkpoint ended');
  });

  test('that cannot be written ends a training with 74, as a checkpoint would (G8)', async () => {
    const cwd = createHalf();
    const log = path.join(cwd, 'net', 'log.jsonl');
    const bytes = fs.readFileSync(log);
    fs.rmSync(log);
    fs.symlinkSync('/dev/full', log);
    const { exit, stderr } = await resume(cwd);
    expect([exit, stderr.split('\n').slice(-3)]).toEqual([
      74,
      ['mnist-cnn: cannot write log.jsonl: the disk is full (ENOSPC)', '  file: net/log.jsonl', ''],
    ]);
    expect(listCheckpoints(path.join(cwd, 'net'))).toEqual([3]);
    fs.rmSync(log);
    fs.writeFileSync(log, bytes);
    await expectSameEnd(cwd);
  });
});

test.concurrent('a limit of memory ends with 71, or the system ends the program; the run continues without it (G9)', async () => {
  const cwd = createHalf();
  const { exit, signal, stderr } = await resume(cwd, { before: 'ulimit -c 0; ulimit -v 1300000' });
  // V8 and the C++ library end the process themselves where it is they who get no memory.
  if (exit === 71) expect(stderr).toContain('mnist-cnn: cannot continue: there is not enough memory\n');
  else expect(['SIGABRT', 'SIGTRAP', 'SIGILL', 'SIGSEGV', 'SIGKILL']).toContain(signal);
  await expectSameEnd(cwd);
});

test.concurrent('a clock set back by a day changes nothing: checkpoints are in the order of their steps (G10)', async () => {
  const cwd = createMemoryFolder();
  const { exit } = await runCli([...words, '--epochs=1', '--checkpoint-every=1'], {
    cwd,
    nodeFlags: preload('clock-back'),
  });
  const checkpoints = path.join(cwd, 'net', 'checkpoints');
  const names = fs.readdirSync(checkpoints).sort();
  names.forEach((name, index) => fs.utimesSync(path.join(checkpoints, name), 0, 9_000_000_000 - index));
  const { exit: second, stderr } = await resume(cwd, { nodeFlags: preload('clock-back') });
  expect([exit, names.length, second, stderr.match(/^resuming after step \d+$/m)?.[0]]).toEqual([
    0,
    3,
    0,
    'resuming after step 3',
  ]);
  expect(fingerprint(path.join(cwd, 'net'))).toEqual(fingerprint(whole));
});
