import { type Activation, activations } from './activation.ts';
import type { FirstWeights, Initializer, Zod } from './layer-kind.ts';
import type { Shape } from './layer-shape.ts';

/** What convolutions and dense layers have in common: a kernel, a bias and an activation. */
export interface WeightedSum {
  readonly activation?: Activation;
  readonly useBias?: boolean;
  /** Glorot's uniform weights if left out. */
  readonly initializer?: Initializer;
}

/** Its keys in architecture files. */
export function weightedSumKeys(z: Zod) {
  const initializer = z.strictObject({
    type: z.literal('normal'),
    standardDeviation: z.number().positive().max(1000),
  });
  return {
    activation: z.enum(activations).optional(),
    useBias: z.boolean().optional(),
    initializer: initializer.optional(),
  };
}

/** The kernel, whose last axis counts the outputs, and a bias for each of them. */
export function kernelAndBias(
  kernel: Shape,
  { useBias = true }: WeightedSum,
): Readonly<Record<string, Shape>> {
  return useBias ? { kernel, bias: [kernel.at(-1) ?? 0] } : { kernel };
}

/** What the kernel is before training; the bias starts at zero. */
export function firstKernel({ initializer }: WeightedSum): Readonly<Record<string, FirstWeights>> {
  return { kernel: initializer ?? 'glorot' };
}

/** The options of the tfjs layer: zeros are faster to make than the random weights that would be overwritten. */
export function weightedSumOptions({ activation, useBias = true }: WeightedSum) {
  const zeros = { kernelInitializer: 'zeros', biasInitializer: 'zeros' } as const;
  return { useBias, ...(activation !== undefined && { activation }), ...zeros };
}

/** What a plan for our ops says of it. */
export function weightedSumPlan({
  activation = 'none',
  useBias = true,
}: Omit<WeightedSum, 'activation'> & {
  readonly activation?: Activation | 'none';
}) {
  return { activation, bias: useBias } as const;
}

/** Its settings in a `model.json`. */
export function weightedSumSettings(z: Zod) {
  return { use_bias: z.boolean(), activation: z.enum(['linear', ...activations]).default('linear') };
}

/** Reads those settings. */
export function readWeightedSum(settings: {
  readonly use_bias: boolean;
  readonly activation: Activation | 'linear';
}): WeightedSum {
  const { use_bias: useBias, activation } = settings;
  return activation === 'linear' ? { useBias } : { useBias, activation };
}
