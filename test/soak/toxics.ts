import zlib from 'node:zlib';
import type { Behavior } from '../../packages/mnist-dataset-loader/test/support/mirror-behavior.ts';
import { lasting, passing } from '../../packages/mnist-dataset-loader/test/support/mirror-faults.ts';
import type { Random } from '../../src/core/random.ts';

/** A way in which a mirror is bad at serving a file, its numbers drawn anew each time. */
export interface Toxic {
  readonly name: string;
  readonly draw: (payload: Buffer, numbers: Random, others: readonly Buffer[]) => Behavior;
}

/** All of them: what mirrors were seen to do, and worse. */
export const toxics: readonly Toxic[] = [
  ...[...lasting, ...passing]
    .filter(({ behavior }) => behavior.type !== 'stall' && behavior.type !== 'crawl')
    .map(({ name, behavior }) => ({ name, draw: () => behavior })),
  { name: 'stalls', draw: (payload, numbers) => ({ type: 'stall', afterBytes: drawPart(payload, numbers) }) },
  { name: 'crawls', draw: (payload, numbers) => ({ type: 'crawl', afterBytes: drawPart(payload, numbers) }) },
  { name: 'resets', draw: (payload, numbers) => ({ type: 'reset', afterBytes: drawPart(payload, numbers) }) },
  { name: 'cuts off', draw: (payload, numbers) => ({ type: 'cut', afterBytes: drawPart(payload, numbers) }) },
  { name: 'hangs up', draw: () => ({ type: 'hang-up' }) },
  {
    name: 'promises more',
    draw: (_, numbers) => ({ type: 'wrong-length', byBytes: 1 + numbers.integer(99) }),
  },
  {
    name: 'promises less',
    draw: (payload, numbers) => ({
      type: 'wrong-length',
      byBytes: drawPart(payload, numbers) - packedBytes(payload),
    }),
  },
  { name: 'serves a changed byte', draw: () => ({ type: 'wrong' }) },
  {
    name: 'serves another file',
    draw: (_, numbers, others) => ({
      type: 'instead',
      payload: others[numbers.integer(others.length)] ?? Buffer.of(),
    }),
  },
];

/** Odd, and right: what the file is decides, and not how it comes. */
export const harmless: readonly Behavior[] = [
  { type: 'serve' },
  { type: 'chunked' },
  { type: 'packed' },
  { type: 'plain' },
  { type: 'late', delayMs: 20 },
];

/** Some bytes of the packed file, and not all. */
function drawPart(payload: Buffer, numbers: Random): number {
  return 1 + numbers.integer(packedBytes(payload) - 1);
}

function packedBytes(payload: Buffer): number {
  return zlib.gzipSync(payload).length;
}
