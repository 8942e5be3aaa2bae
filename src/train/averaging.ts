import type { NamedArray } from '../core/tensor-file.ts';
import type { Examples } from '../data/split.ts';
import type { Model } from '../model/model.ts';
import { assignWeights, readWeights, writeWeights } from '../model/weights.ts';
import { isNormalized, measureNormalization } from './normalization.ts';
import type { StepInput, Stepper } from './stepper.ts';

/** Steps between two updates of the average: reading the weights costs next to nothing then. */
const stepsBetween = 10;

/** How averaged weights are named in checkpoints beside the optimizer's memory: the weights that training goes on from. */
const currentPrefix = 'current/';

/** What averaging needs besides. */
export interface AveragingOptions {
  readonly examples: Examples;
  /** Makes the stepper that trains, from the model's weights as they are. */
  readonly start: () => Stepper;
}

/**
 * Keeps a running mean of a stepper's weights, and gives the model that instead: it is what is measured and saved (Polyak
 * and Juditsky, "Acceleration of stochastic approximation by averaging", 1992). Each weight moves by 1 - `decay` a step
 * toward the current one. At first the mean is of few steps, so that it forgets where training began: the decay is at most
 * (1 + step) / (10 + step), as in TensorFlow. Running means and variances of batch normalization are measured anew.
 */
export function createAveragingStepper(
  model: Model,
  decay: number,
  { examples, start }: AveragingOptions,
): Stepper {
  let inner = start();
  let average = readWeights(model);
  /** What training goes on from, while the model has the average. */
  let current: readonly NamedArray[] | undefined;

  const showCurrent = () => {
    if (current !== undefined) assignWeights(model, current);
    current = undefined;
  };
  const showAverage = () => {
    if (current !== undefined) return current;
    inner.writeBack();
    current = readWeights(model);
    assignWeights(model, average);
    if (isNormalized(model)) measureNormalization(model, examples);
    return current;
  };
  const update = (step: number) => {
    inner.writeBack();
    const kept = Math.min(decay, (1 + step) / (10 + step)) ** stepsBetween;
    average = readWeights(model).map((array, index) => moveToward(average[index] ?? array, array, 1 - kept));
  };

  return {
    stepsAtOnce: () => inner.stepsAtOnce(),
    run: (steps) => {
      showCurrent();
      return splitAfter(steps, ({ step }) => step % stepsBetween === 0).flatMap((part) => {
        const scores = inner.run(part);
        const { step = 0 } = part.at(-1) ?? {};
        if (step % stepsBetween === 0) update(step);
        return scores;
      });
    },
    writeBack: showAverage,
    capture: () => [
      ...inner.capture(),
      ...showAverage().map((array) => ({ ...array, name: `${currentPrefix}${array.name}` })),
    ],
    restore: (arrays) => {
      const isCurrent = ({ name }: NamedArray) => name.startsWith(currentPrefix);
      average = readWeights(model);
      inner.dispose();
      writeWeights(
        model,
        arrays.filter(isCurrent).map((array) => ({ ...array, name: array.name.slice(currentPrefix.length) })),
      );
      current = undefined;
      inner = start();
      inner.restore(arrays.filter((array) => !isCurrent(array)));
    },
    dispose: () => inner.dispose(),
  };
}

function moveToward(from: NamedArray, to: NamedArray, share: number): NamedArray {
  const values = from.values.map((value, at) => value + ((to.values[at] ?? value) - value) * share);
  return { ...from, values };
}

/** Cuts a list behind each element for which it holds. */
function splitAfter(
  steps: readonly StepInput[],
  isLast: (step: StepInput) => boolean,
): readonly StepInput[][] {
  const parts: StepInput[][] = [[]];
  for (const step of steps) {
    parts.at(-1)?.push(step);
    if (isLast(step)) parts.push([]);
  }
  return parts.filter(({ length }) => length > 0);
}
