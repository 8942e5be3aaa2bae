import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createTempFolder } from '../support/folder.ts';
import { programFile, runCli } from '../support/run-cli.ts';
import { fingerprint, listCheckpoints, listLeftOver, prepareTinyTraining } from '../support/tiny-training.ts';

/** Not every machine lets a user mount in a namespace of his own. */
const canMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;

test.skipIf(!canMount)(
  'a disk of 400 KiB that runs full ends a training with 74; with more space it goes on to the same bits (G1, D24)',
  async () => {
    const cwd = createTempFolder();
    const words = prepareTinyTraining(cwd, ['--epochs=2', '--checkpoint-every=1', '--keep=9', '-q']);
    const whole = createTempFolder();
    expect((await runCli(words, { cwd: whole })).exit).toBe(0);
    const script = [
      'mkdir disk && mount -t tmpfs -o size=400k none disk && cd disk',
      '"$@" 2>../errors; echo $? >../exit; cp -r net ../full',
      'mount -o remount,size=20m "$PWD" && "$1" "$2" train --resume net -q && cp -r net ../net',
    ];
    const all = ['-rm', 'bash', '-c', script.join('\n'), 'bash', process.execPath, programFile, ...words];
    const { status } = spawnSync('unshare', all, { cwd, encoding: 'utf8' });
    const read = (name: string) => fs.readFileSync(path.join(cwd, name), 'utf8');
    const [first, , last] = read('errors').split('\n');
    const steps = listCheckpoints(path.join(cwd, 'full'));
    expect([status, read('exit'), first, last, listLeftOver(path.join(cwd, 'full'))]).toEqual([
      0,
      '74\n',
      expect.stringMatching(/^mnist-cnn: cannot write \S+: the disk is full \(ENOSPC\)$/),
      `  The checkpoint of step ${steps.at(-1)} is still good.`,
      [],
    ]);
    expect(steps.length).toBeGreaterThan(0);
    expect(fingerprint(path.join(cwd, 'net'))).toEqual(fingerprint(path.join(whole, 'net')));
  },
);

describe('a full disk under stdout', () => {
  test.each(['', '2>/dev/full'])(
    'ends a command with 74 and is reported as such, not as a bug %s (G1)',
    (more) => {
      const cwd = createTempFolder();
      const command = `"$0" "$1" schema >/dev/full ${more}`;
      const { status, stderr } = spawnSync('bash', ['-c', command, process.execPath, programFile], {
        cwd,
        encoding: 'utf8',
      });
      const told = more === '' ? 'mnist-cnn: cannot write stdout: the disk is full (ENOSPC)\n' : '';
      expect([status, stderr, fs.readdirSync(cwd)]).toEqual([74, told, []]);
    },
  );
});
