import fs from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { loadNewestCheckpoint, saveCheckpoint } from '../../src/run/checkpoint.ts';
import { createCheckpoints } from '../support/checkpoints.ts';
import { createMemoryFolder } from '../support/folder.ts';
import { preload, runCli } from '../support/run-cli.ts';
import { fingerprint, listCheckpoints, prepareTinyTraining } from '../support/tiny-training.ts';
import { createState } from '../support/training-state.ts';

afterEach(() => vi.restoreAllMocks());

test('a reader whose checkpoints are pruned after it has listed them takes the newest, not the best that was kept (J7)', () => {
  const folder = createCheckpoints();
  const { statSync } = fs;
  vi.spyOn(fs, 'statSync').mockImplementationOnce((file) => {
    const best = { step: 10, loss: 0.1, accuracy: 0.9 };
    for (const step of [40, 50, 60]) saveCheckpoint(folder, createState(step, { best }), 2);
    return statSync(file);
  });
  const { state, skipped } = loadNewestCheckpoint(folder);
  expect([state.step, skipped]).toEqual([60, []]);
});

test('a resumed run whose newest checkpoint gives way to a newer one resumes from that (J7)', async () => {
  const grounds = createMemoryFolder();
  const words = prepareTinyTraining(grounds, ['--epochs=3']);
  const whole = path.join(grounds, 'net');
  expect((await runCli(words, { cwd: grounds })).exit).toBe(0);
  const cwd = createMemoryFolder();
  const killed = { env: { KILL_AT: 'renameSync 2 \\.ckpt$' }, nodeFlags: preload('kill-at-call') };
  await runCli(words, { ...killed, cwd });
  expect(listCheckpoints(path.join(cwd, 'net'))).toEqual([3]);
  const give = `mv net/checkpoints/step-000003.ckpt . && cp ${whole}/checkpoints/step-000006.ckpt net/checkpoints`;
  const { exit, stderr } = await runCli(['train', '--resume', 'net'], {
    cwd,
    env: { KILL_AT: 'statSync 1 \\.ckpt$', KILL_BY: give },
    nodeFlags: preload('kill-at-call'),
  });
  expect([exit, stderr.includes('resuming after step 6\n'), stderr.includes('warning')]).toEqual([
    0,
    true,
    false,
  ]);
  expect(fingerprint(path.join(cwd, 'net'))).toEqual(fingerprint(whole));
});
