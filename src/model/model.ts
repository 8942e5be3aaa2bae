import type { LayersModel, layers, Variable } from '@tensorflow/tfjs-node';
import type { OpPlan } from '../backend/ops.ts';
import { explainMissingOps, loadedOps, tf } from '../backend/tf.ts';
import { TrainerError } from '../core/errors.ts';
import { type Architecture, taskOf } from './architectures.ts';
import { planFused } from './fused-plan.ts';
import { kindOf } from './layers/layer-kinds.ts';
import { followShapes } from './shapes.ts';

/** A network in memory: its design, and the tfjs model that holds its weights. */
export interface Model {
  readonly architecture: Architecture;
  readonly network: LayersModel;
  /** How our own ops run it; absent where they are not to be used, or are missing. */
  readonly fused?: OpPlan;
}

/** Which ops a model runs on: our own where they are built (`auto`), our own or an error, or TensorFlow's. */
export type Kernels = 'auto' | 'fused' | 'stock';

type Layer = layers.Layer;

/** Builds the tfjs layers model of an architecture, its weights all zero: `initializeWeights` or `writeWeights` sets them. */
export function buildModel(architecture: Architecture, kernels: Kernels = 'auto'): Model {
  const network = tf.sequential({ name: architecture.name.replaceAll('-', '_') });
  const inputShape = [...taskOf(architecture).inputShape];
  followShapes(architecture).forEach((shape, index) => {
    network.add(kindOf(shape.layer).build(shape, index === 0 ? { inputShape } : {}));
  });
  const fused = chooseKernels(architecture, kernels);
  return fused === undefined ? { architecture, network } : { architecture, network, fused };
}

/**
 * The plan for our own ops, where they are to be used.
 *
 * @throws TrainerError `E_NATIVE` where `fused` was requested but is not available, with the reason.
 */
export function chooseKernels(architecture: Architecture, kernels: Kernels): OpPlan | undefined {
  if (kernels === 'stock') return undefined;
  if (loadedOps() !== undefined) return planFused(architecture);
  if (kernels === 'auto') return undefined;
  throw new TrainerError(
    'E_NATIVE',
    `the network ${architecture.name} cannot run on the fused ops: ${explainMissingOps()}`,
    {
      hint: "Without --kernels fused it runs on TensorFlow's own ops, only slower.",
    },
  );
}

/** The trainable variables, in the order of `followShapes`: each layer's kernel, then its bias. */
export function trainableVariables(model: Model): Variable[] {
  return model.network.trainableWeights.map(variableOf);
}

/** All variables, batch normalization's running mean and variance among them, in the order of `followShapes`. */
export function allVariables(model: Model): Variable[] {
  return model.network.layers.flatMap((layer) => layer.weights.map(variableOf));
}

/** Frees a model's memory. */
export function disposeModel(model: Model): void {
  model.network.dispose();
}

/** tfjs hides the variable behind its layer variable; minimizing and assigning need it itself. */
function variableOf(weight: Layer['weights'][number]): Variable {
  return (weight as unknown as { val: Variable }).val;
}
