import { type Examples, takeRange } from '../data/split.ts';
import type { Network } from '../model/ensemble.ts';
import { type Corruption, corruptImages, corruptions } from './corruptions.ts';
import { evaluateNetworks } from './evaluate.ts';

/** How well images changed in one way are read. */
export interface SuiteMeasure {
  readonly corruption: Corruption;
  readonly strength: number;
  readonly correct: number;
}

/** Images changed at a time, about 50 ms: signals and progress get through between them. */
const chunkSize = 2000;

/**
 * Measures networks that read one digit, as one, on examples changed in each way at each strength, and yields after each
 * of the 40 evaluations.
 */
export async function* measureSuite(
  networks: readonly Network[],
  examples: Examples,
): AsyncGenerator<SuiteMeasure> {
  for (const corruption of corruptions) {
    for (const strength of corruption.strengths) {
      let correct = 0;
      for (let first = 0; first < examples.count; first += chunkSize) {
        const chunk = takeRange(examples, first, first + chunkSize);
        const images = corruptImages(chunk.images, corruption, { strength, first });
        correct += (await evaluateNetworks(networks, { ...chunk, images })).correct;
      }
      yield { corruption, strength, correct };
    }
  }
}
