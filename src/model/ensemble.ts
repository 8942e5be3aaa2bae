import { softmax } from '../core/softmax.ts';
import { tasks } from './architectures.ts';
import type { Trust } from './metadata.ts';

/** A network as reading and measuring need it; several of them are averaged. */
export interface Network {
  /** Bytes [n, 28, 28] -> logits [n, 10]. */
  readonly classify: (images: Uint8Array) => Float32Array | Promise<Float32Array>;
  readonly trust: Trust;
}

/** What one network makes of some images. */
export interface Answer extends Pick<Network, 'trust'> {
  /** [n, 10]. */
  readonly logits: Float32Array;
}

const { classes } = tasks.digit;

/** Has networks look at images, bytes [n, 28, 28], one after the other. */
export async function askNetworks(
  networks: readonly Network[],
  images: Uint8Array,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const { classify, trust } of networks) answers.push({ logits: await classify(images), trust });
  return answers;
}

/**
 * The mean of the networks' probabilities, each at its own temperature, [n, 10]: an ensemble (Hansen and Salamon 1990, Neural
 * Network Ensembles; Lakshminarayanan et al. 2017, Simple and Scalable Predictive Uncertainty Estimation Using Deep Ensembles).
 */
export function averageProbabilities(answers: readonly Answer[]): Float64Array {
  const mean = new Float64Array(answers[0]?.logits.length ?? 0);
  for (const { logits, trust } of answers) {
    for (let start = 0; start < mean.length; start += classes) {
      softmax(logits.subarray(start, start + classes), trust.temperature).forEach((probability, at) => {
        mean[start + at] = (mean[start + at] ?? 0) + probability / answers.length;
      });
    }
  }
  return mean;
}

/**
 * The logits of networks together: of a single one its own; of several the logarithms of their mean probabilities, which softmax
 * at temperature 1 turns back into these, [n, 10].
 */
export function averageLogits(answers: readonly Answer[]): Float32Array {
  const [first, ...others] = answers;
  if (first !== undefined && others.length === 0) return first.logits;
  // What is impossible would make the loss infinite.
  return Float32Array.from(averageProbabilities(answers), (probability) =>
    Math.log(Math.max(probability, 1e-30)),
  );
}
