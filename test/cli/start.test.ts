import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeDigitsFolder } from '../support/digits.ts';
import { createTempFolder, readTree } from '../support/folder.ts';
import { type CliResult, runCli } from '../support/run-cli.ts';

describe('start without data and without a mirror that answers', () => {
  const cwd = createTempFolder();
  let result: CliResult;

  beforeAll(async () => {
    const words = ['start', '--mirror=http://127.0.0.1:1/', '--max-steps=2', '--eval-images=20'];
    result = await runCli(words, { cwd, env: { no_proxy: '127.0.0.1' } });
  });

  test('trains', () => {
    expect([result.exit, result.stdout.split('\n')[1]]).toEqual([0, 'model: models/net']);
  });

  test('says plainly that the digits are synthetic', () => {
    expect(result.stderr).toContain(
      '\nmnist-cnn: warning: training on the built-in synthetic digits instead, which are generated, not handwritten\n',
    );
  });

  test('says why MNIST is not used, and how to bring it', () => {
    expect(result.stderr).toContain(
      'mnist-cnn: warning: MNIST is not available (cannot fetch train-images-idx3-ubyte.gz: 1 of 1 mirrors failed ' +
        '(http://127.0.0.1:1/: the connection was refused (ECONNREFUSED)))\n',
    );
    expect(result.stderr).toContain('\n  to use your own MNIST files: npm start -- --mirror FOLDER\n');
  });

  test('writes into the model what it was trained on', () => {
    const metadata: unknown = JSON.parse(fs.readFileSync(path.join(cwd, 'models/net/metadata.json'), 'utf8'));
    expect(metadata).toMatchObject({ trained: { dataset: 'synthetic', steps: 2 } });
  });

  test('prints a next command that needs no network either', async () => {
    expect(result.stderr).toMatch(/\nnext: mnist-cnn eval --model models\/net\n$/);
    const words = ['eval', '--model', 'models/net', '--images=20', '--mirror=http://127.0.0.1:1/', '--json'];
    const { exit, stdout } = await runCli(words, { cwd, env: { no_proxy: '127.0.0.1' } });
    expect([exit, JSON.parse(stdout).dataset]).toEqual([0, 'synthetic']);
  });

  test('prints the result and the next command when called again, and changes nothing', async () => {
    const before = readTree(cwd);
    const again = await runCli(['start'], { cwd });
    expect([again.exit, again.stdout, again.stderr, readTree(cwd)]).toEqual([
      0,
      'models/net is trained: 2 steps\n',
      'next: mnist-cnn eval --model models/net\n',
      before,
    ]);
  });
});

test('start continues with a run that was stopped', async () => {
  const cwd = createTempFolder();
  const dataset = writeDigitsFolder(600, 20);
  const words = ['start', `--dataset=${dataset}`, '--epochs=3', '--eval-images=20', '--eval-every=100'];
  let isStopped = false;
  const stopped = await runCli(words, {
    cwd,
    onStderr: (text, child) => {
      if (isStopped || !text.includes('\nstep 0/')) return;
      isStopped = child.kill('SIGTERM');
    },
  });
  const step = /^saved at step (\d+) of 36;/m.exec(stopped.stderr)?.[1];
  const { exit, stdout, stderr } = await runCli(['start'], { cwd });
  expect([stopped.signal, exit]).toEqual(['SIGTERM', 0]);
  expect(stderr).toContain(`\nresuming after step ${step}\n`);
  expect(stdout).toMatch(/^trained 36 steps in /);
});
