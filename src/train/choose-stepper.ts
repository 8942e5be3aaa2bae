import type { Model } from '../model/model.ts';
import { createFusedStepper } from './fused-stepper.ts';
import type { Stepper, StepperOptions } from './stepper.ts';
import { createStockStepper } from './stock-stepper.ts';

/** Creates the stepper that the model was built for: our own ops where they know it and the optimizer, else stock. */
export function createStepper(model: Model, options: StepperOptions): Stepper {
  return model.fused !== undefined && options.optimizer === 'adam'
    ? createFusedStepper(model, model.fused, options)
    : createStockStepper(model, options);
}
