import fs from 'node:fs';
import path from 'node:path';
import { readRunConfig } from '../../src/run/run-config.ts';
import { preload, runProgram } from '../support/program.ts';
import { fingerprint, listCheckpoints, prepareTinyTraining } from '../support/tiny-training.ts';
import type { SoakResult } from './result.ts';

/**
 * Starts two trainings after one folder at once: whatever ends well must be whole, the other must be sent away or told that its
 * folder was taken. With locks one must end well, and never may both hold the folder.
 */
export async function trainInPairs(
  folder: string,
  pairs: number,
  { hasLocks }: { readonly hasLocks: boolean },
): Promise<SoakResult> {
  const lost: string[] = [];
  const name = hasLocks ? 'pairs of trainings' : 'pairs without locks';
  let collisions = 0;
  fs.mkdirSync(folder, { recursive: true });
  const words = prepareTinyTraining(folder, ['--epochs=20', '--eval-every=1000', '-q']);
  await runProgram(words, { cwd: folder });
  const whole = JSON.stringify(fingerprint(path.join(folder, 'net')));
  const allowed = hasLocks ? [0, 75] : [0, 73, 74, 75];
  const nodeFlags = hasLocks ? [] : preload('no-locks');
  for (let pair = 1; pair <= pairs; pair++) {
    const cwd = path.join(folder, String(pair));
    const [net, other] = [path.join(cwd, 'net'), path.join(cwd, 'net-1')];
    const note = (what: string) => lost.push(`${name}, ${pair}: ${what}`);
    fs.mkdirSync(cwd);
    const both = await Promise.all([1, 2].map(() => runProgram(words, { cwd, nodeFlags })));
    for (const { exit, signal, stderr } of both) {
      if (!allowed.includes(exit ?? -1)) note(`ended with ${exit ?? signal}: ${stderr}`);
    }
    const ended = both.filter(({ exit }) => exit === 0).length;
    if (ended < 2) collisions++;
    if (hasLocks && ended === 0) note('none succeeded');
    const areWhole = [net, other].filter((run) => isWhole(run, whole)).length;
    if (areWhole < ended) note(`${ended} succeeded, ${areWhole} are whole`);
    if (hasLocks && ended === 2 && overlap(other, net)) note('both held the folder at once');
    fs.rmSync(cwd, { recursive: true });
  }
  return { seed: 0, tried: { [name]: pairs, [`${name} with one sent away`]: collisions }, lost };
}

function isWhole(run: string, whole: string): boolean {
  return listCheckpoints(run).length > 0 && JSON.stringify(fingerprint(run)) === whole;
}

/** Whether the second run began before the last file of the first was written. */
function overlap(first: string, second: string): boolean {
  const lastMs = Math.max(
    ...fs.readdirSync(first).map((name) => fs.statSync(path.join(first, name)).mtimeMs),
  );
  return Date.parse(readRunConfig(second).createdAt) < lastMs;
}
