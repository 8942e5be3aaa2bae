import { TrainerError } from '../core/errors.ts';
import { random, shuffle } from '../core/random.ts';

/** Which examples each step of a run uses. */
export interface Batches {
  readonly stepsPerEpoch: number;
  /** Indices of the batch of `step`, counted from 1 over all epochs. The last batch of an epoch may be smaller. */
  readonly indicesOf: (step: number) => Uint32Array;
}

/** How batches are drawn. */
export interface BatchesOptions {
  /** Number of training examples. */
  readonly count: number;
  readonly batchSize: number;
  readonly seed: number;
  /** `shuffle` uses each example once per epoch; `replacement` draws every example from the whole set. */
  readonly sampling: 'shuffle' | 'replacement';
}

/**
 * Plans the batches of a run. A batch depends only on the seed and the step, so a resumed run needs no stored state.
 *
 * @throws TrainerError `E_USAGE` if a batch is larger than the set.
 */
export function createBatches({ count, batchSize, seed, sampling }: BatchesOptions): Batches {
  if (batchSize > count) {
    throw new TrainerError('E_USAGE', `--batch-size ${batchSize} is more than the ${count} training images`, {
      hint: 'Use at most that many images per step:',
      retryWith: { batchSize: count },
    });
  }
  const stepsPerEpoch = Math.ceil(count / batchSize);
  let order = new Uint32Array(0);
  let orderEpoch = 0;
  return {
    stepsPerEpoch,
    indicesOf: (step) => {
      if (sampling === 'replacement') {
        const numbers = random(seed, 'replacement', step);
        return Uint32Array.from({ length: batchSize }, () => numbers.integer(count));
      }
      const epoch = Math.ceil(step / stepsPerEpoch);
      if (epoch !== orderEpoch) {
        order = shuffle(
          Uint32Array.from({ length: count }, (_, index) => index),
          random(seed, 'shuffle', epoch),
        );
        orderEpoch = epoch;
      }
      const start = ((step - 1) % stepsPerEpoch) * batchSize;
      return order.subarray(start, start + batchSize);
    },
  };
}
