import type { Random } from '../../src/core/random.ts';
import { byteMutations, pick, placeWords } from './byte-mutations.ts';
import type { Mutation, Target } from './target.ts';

/** Makes a new input of one of the corpus; `other` is another one. */
export type Mutator = (bytes: Buffer, numbers: Random, other: Buffer) => Buffer;

/** The changes that suit a target: one to eight at once, mostly with checksums that fit again. */
export function createMutator(target: Target): Mutator {
  const { mutations = [], words = [], repair, maxBytes = 4096 } = target;
  const general: readonly Mutation[] =
    words.length === 0 ? byteMutations : [...byteMutations, placeWords(words)];
  const change: Mutation = (bytes, numbers, other) => {
    const list = mutations.length > 0 && numbers.integer(2) === 0 ? mutations : general;
    return pick(list, numbers)(bytes, numbers, other)?.subarray(0, maxBytes);
  };
  return (bytes, numbers, other) => {
    let changed = bytes;
    const changes = 2 ** numbers.integer(4);
    for (let count = 0; count < changes; count++) changed = change(changed, numbers, other) ?? changed;
    return repair !== undefined && numbers.integer(4) > 0 ? (repair(changed) ?? changed) : changed;
  };
}
