import { random } from '../../src/core/random.ts';
import { readCorpus } from './corpus.ts';
import { createMutator } from './mutator.ts';
import type { Target } from './target.ts';

/** What `npm test` reads: seeds, corpus, and mutations of both that are the same every time. */
export async function createReplay(target: Target): Promise<readonly Buffer[]> {
  const { name, replays = 200 } = target;
  const kept = [...(await target.seeds()), ...readCorpus(name).map(({ bytes }) => bytes)];
  const numbers = random(0, `replay/${name}`);
  const mutate = createMutator(target);
  const choose = () => kept[numbers.integer(kept.length)] ?? Buffer.alloc(0);
  return [...kept, ...Array.from({ length: replays }, () => mutate(choose(), numbers, choose()))];
}
