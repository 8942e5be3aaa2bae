import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeDigitsFolder } from '../support/digits.ts';
import { createTempFolder } from '../support/folder.ts';
import { runWarm } from '../support/warm-cli.ts';

let dataset = '';

beforeAll(() => {
  dataset = writeDigitsFolder(100, 20);
});

const train = (cwd: string, ...words: readonly string[]) =>
  runWarm(['train', `--dataset=${dataset}`, '--batch-size=20', '--max-steps=3', ...words], { cwd });

const machineOf = (cwd: string): unknown =>
  JSON.parse(readFileSync(path.join(cwd, 'models/net/config.json'), 'utf8')).machine;

describe('mnist-cnn train --kernels', () => {
  test('uses the fused ops by itself and records so', async () => {
    const cwd = createTempFolder();
    const { exit, stderr } = await train(cwd);
    expect(exit).toBe(0);
    expect(stderr).not.toContain("TensorFlow's own ops");
    expect(machineOf(cwd)).toMatchObject({
      kernels: expect.stringMatching(/^fused (avx512|avx2|portable)$/),
    });
  });

  test("uses TensorFlow's own with stock, without a word, and records so", async () => {
    const cwd = createTempFolder();
    const { stderr } = await train(cwd, '--kernels=stock');
    expect(stderr).not.toContain("TensorFlow's own ops");
    expect(machineOf(cwd)).toMatchObject({ kernels: 'stock' });
  });

  test.each(['sgd', 'momentum'])('uses the fused ops with %s, too', async (optimizer) => {
    const cwd = createTempFolder();
    const { exit, stderr } = await train(cwd, `--optimizer=${optimizer}`, '--kernels=fused');
    expect(exit).toBe(0);
    expect(stderr).not.toContain("TensorFlow's own ops");
    expect(machineOf(cwd)).toMatchObject({ kernels: expect.stringMatching(/^fused /) });
  });

  test('warns when a run continues with other kernels, and continues', async () => {
    const cwd = createTempFolder();
    await train(cwd);
    const { exit, stderr } = await runWarm(['train', '--resume', '--kernels=stock', '--max-steps=5'], {
      cwd,
    });
    expect(exit).toBe(0);
    expect(stderr).toContain(
      'mnist-cnn: warning: this run was started under different conditions (kernels): results may not be bit-identical\n',
    );
  });
});
