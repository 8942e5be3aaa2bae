import { takeExamples } from '../data/split.ts';
import type { Model } from '../model/layers.ts';
import { createOptimizer } from './optimizer.ts';
import type { Stepper, StepperOptions } from './stepper.ts';
import { trainStep } from './train-step.ts';

/** Trains through TensorFlow's own ops, one step at a time: any network, any optimizer. */
export function createStockStepper(
  model: Model,
  { examples, optimizer: name, betas, seed }: StepperOptions,
): Stepper {
  const optimizer = createOptimizer(name, model, betas);
  return {
    stepsAtOnce: () => 1,
    run: (steps) =>
      steps.map(({ step, learningRate, indices }) =>
        trainStep(model, optimizer, { batch: takeExamples(examples, indices), step, learningRate, seed }),
      ),
    writeBack: () => {},
    capture: optimizer.capture,
    restore: optimizer.restore,
    dispose: optimizer.dispose,
  };
}
