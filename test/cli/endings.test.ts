import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadNewestCheckpoint } from '../../src/run/checkpoint.ts';
import { writeDigitsFolder } from '../support/digits.ts';
import { createTempFolder } from '../support/folder.ts';
import { preload, programFile, runCli } from '../support/run-cli.ts';

const dataset = writeDigitsFolder(60, 20);

describe('a reader of stdout that goes away (F14)', () => {
  test.each(['schema', `show --dataset ${dataset}`, `train --print-config`, 'train --help', '--version'])(
    'ends %s with 141 and without a word',
    (words) => {
      // `true` is gone long before the first line comes.
      const pipeline = `"$0" "$1" ${words} -q 2>errors | true; echo "\${PIPESTATUS[0]}"`;
      const cwd = createTempFolder();
      const status = execFileSync('bash', ['-c', pipeline, process.execPath, programFile], {
        cwd,
        encoding: 'utf8',
      });
      expect([status, fs.readFileSync(path.join(cwd, 'errors'), 'utf8')]).toEqual(['141\n', '']);
    },
  );

  test('ends a training with 141 when all is saved', async () => {
    const cwd = createTempFolder();
    const words = ['--batch-size=20', '--eval-images=20', '--out=net'];
    const { exit, stderr } = await runCli(['train', `--dataset=${dataset}`, ...words], {
      cwd,
      onStderr: (_, child) => child.stdout?.destroy(),
    });
    const { state } = loadNewestCheckpoint(path.join(cwd, 'net', 'checkpoints'));
    expect([exit, state.step, fs.existsSync(path.join(cwd, 'net', 'model.json'))]).toEqual([141, 3, true]);
    expect(stderr).not.toMatch(/EPIPE|^\s+at /m);
  });
});

describe('a bug in the program (H10)', () => {
  test.each(['call', 'timer', 'promise'])('by %s ends with 1, says so, and leaves a log', async (bug) => {
    const cwd = createTempFolder();
    const { exit, stderr } = await runCli(['show', '--dataset', dataset], {
      cwd,
      env: { BUG: bug },
      nodeFlags: preload('inject-bug'),
    });
    const [log = 'no log'] = fs.readdirSync(cwd);
    const lines = stderr.trimEnd().split('\n');
    expect([exit, ...lines.slice(-3)]).toEqual([
      1,
      expect.stringMatching(/^mnist-cnn: this is a bug in mnist-cnn \d+\.\d+\.\d+: injected$/),
      `  file: ${log}`,
      '  The details are in that file. Please report them.',
    ]);
    expect(fs.readFileSync(path.join(cwd, log), 'utf8')).toMatch(
      /^.* show --dataset .*\nmnist-cnn \d+\.\d+\.\d+, Node v\S+, \S+\nTypeError: injected\n {4}at /,
    );
  });
});
