import { addReach, type BlockCoverage, isNewReach, newReach, type Reach } from './block-coverage.ts';
import type { CorpusEntry } from './corpus.ts';
import { judge } from './judgement.ts';
import type { Target } from './target.ts';

/** Inputs that are kept for the shape of their error alone, and their longest. */
const mostShapes = 24;
const longestShape = 400;
const trialsEach = 60;

/**
 * The shortest of all inputs that together reach what all reach beyond the seeds, each shortened a little; those that
 * once broke something; and some short ones with errors of different shapes.
 */
export async function minimizeCorpus(
  target: Target,
  coverage: BlockCoverage,
  given: {
    readonly seeds: readonly Buffer[];
    readonly stored: readonly CorpusEntry[];
    readonly fresh: readonly Buffer[];
  },
): Promise<readonly CorpusEntry[]> {
  const known = new Map<string, Uint8Array>();
  const shapes = new Set<string>();
  const reachOf = async (bytes: Buffer) => {
    const { shape } = await judge(target, bytes);
    return { shape, reach: coverage.take() };
  };
  coverage.take();
  for (const seed of given.seeds) {
    const { shape, reach } = await reachOf(seed);
    addReach(known, reach);
    shapes.add(shape);
  }
  const kept: CorpusEntry[] = given.stored.filter(({ mended }) => mended !== undefined);
  for (const { bytes } of kept) addReach(known, (await reachOf(bytes)).reach);
  const others = [...given.stored.map(({ bytes }) => bytes), ...given.fresh];
  others.sort((one, other) => one.length - other.length || one.compare(other));
  const spare: { readonly bytes: Buffer; readonly shape: string }[] = [];
  for (const bytes of others) {
    const { reach, shape } = await reachOf(bytes);
    if (!isNewReach(known, reach)) {
      spare.push({ bytes, shape });
      continue;
    }
    const short = await shorten(bytes, newReach(known, reach), async (part) => (await reachOf(part)).reach);
    const last = await reachOf(short);
    addReach(known, last.reach);
    shapes.add(last.shape);
    kept.push({ bytes: short });
  }
  let room = mostShapes;
  for (const { bytes, shape } of spare) {
    if (room === 0 || bytes.length > longestShape || shapes.has(shape)) continue;
    shapes.add(shape);
    kept.push({ bytes });
    room -= 1;
  }
  return kept;
}

/** Takes blocks out of an input as long as it still reaches what is wanted. */
async function shorten(
  bytes: Buffer,
  wanted: Reach,
  reachOf: (bytes: Buffer) => Promise<Reach>,
): Promise<Buffer> {
  let short = bytes;
  let trials = trialsEach;
  for (let size = short.length >> 1; size > 0 && trials > 0; size >>= 1) {
    for (let at = 0; at < short.length && trials > 0; trials--) {
      const shorter = Buffer.concat([short.subarray(0, at), short.subarray(at + size)]);
      // Nothing that is wanted may be missing.
      if (isNewReach(await reachOf(shorter), wanted)) at += size;
      else short = shorter;
    }
  }
  return short;
}
