/**
 * Many at once: readers of a model while it is saved, two trainings after one folder with locks and without, two processes after
 * one lock, locks that kill -9 left behind and locks of the living.
 *
 *     npm run soak -- races [--reads 1000] [--pairs 100] [--locks 100]
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { raceForLocks } from './lock-races.ts';
import { readDuringSaves } from './reads.ts';
import { reportSoak, type SoakResult } from './result.ts';
import { trainInPairs } from './training-pairs.ts';

/** The trial with its words. */
export async function soakRaces(words: readonly string[]): Promise<SoakResult> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      reads: { type: 'string', default: '1000' },
      pairs: { type: 'string', default: '100' },
      locks: { type: 'string', default: '100' },
    },
  });
  const [reads, pairs, locks] = [Number(values.reads), Number(values.pairs), Number(values.locks)];
  return reportSoak('races', async (folder) => {
    const parts = [
      await readDuringSaves(path.join(folder, 'reads'), reads),
      await trainInPairs(path.join(folder, 'pairs'), pairs, { hasLocks: true }),
      await trainInPairs(path.join(folder, 'unlocked'), pairs, { hasLocks: false }),
      await raceForLocks(path.join(folder, 'locks'), locks),
    ];
    return {
      seed: 0,
      tried: Object.fromEntries(parts.flatMap(({ tried }) => Object.entries(tried))),
      lost: parts.flatMap(({ lost }) => lost),
    };
  });
}
