import type { layers, Tensor } from '@tensorflow/tfjs-node';
import type { z } from 'zod';
import type { LayerPlan } from './layer-plan.ts';
import type { AnyLayer, LayerShapeOf, Shape } from './layer-shape.ts';

/**
 * Everything that is known about one kind of layer. `Layer` is its definition, as it stands in `architectures.ts` and in
 * architecture files. Methods, so that the list in `layer-kinds.ts` can hold every kind.
 */
export interface LayerKind<Layer extends AnyLayer> {
  /** Its name in architecture files. */
  readonly type: Layer['type'];
  /** The other keys of its definition, as an architecture file may have them. zod is handed in: `--help` never loads it. */
  keys(z: Zod): KeySchemas<Layer>;
  /** The layer in a few words: "conv2d 16 (5x5, same), relu". */
  describe(layer: Layer): string;

  /** How many dimensions its input must have, the batch not counted; any number if left out. */
  readonly inputDimensions?: 1 | 3;
  /** Rows and columns of its input that one output value depends on, if it looks at a square of them. */
  reach?(layer: Layer): number;
  /** What else does not fit its input, in words after "layer 2 (conv2d_2) ". */
  findProblem?(layer: Layer, inputShape: Shape): string | undefined;
  outputShape(layer: Layer, inputShape: Shape): Shape;
  /** The shapes of its weights by name, in the order in which tfjs keeps them. */
  weights?(layer: Layer, inputShape: Shape): Readonly<Record<string, Shape>>;
  /** What its weights are before training; those that are not named start at zero. */
  firstWeights?(layer: Layer): Readonly<Record<string, FirstWeights>>;

  /** The tfjs layer, of the name that `followShapes` gives. Only its first layer gives a network the shape of its images. */
  build(shape: LayerShapeOf<Layer>, input: { readonly inputShape?: number[] }): layers.Layer;
  /**
   * The layer in training on TensorFlow's own ops, where that is not what `built.apply(values)` gives. Called inside
   * `tf.tidy`.
   */
  train?(built: layers.Layer, values: Tensor, step: TrainingStep<Layer>): Tensor;
  /** What our own ops make of it, at this position of the network. */
  plan(shape: LayerShapeOf<Layer>, place: PlanPlace): LayerPlan;
  /** What it is called in a `model.json`. */
  readonly keras: readonly KerasClass<Layer>[];
}

/** Where in a network a layer is that is planned. */
export interface PlanPlace {
  /** From 0. */
  readonly position: number;
  /** The layers behind it. */
  readonly following: readonly AnyLayer[];
}

/** How a kind of layer stands in a `model.json` of tfjs or, converted, of Keras. */
export interface KerasClass<Layer, Settings = unknown> {
  readonly className: string;
  /** Written by this tool alone: the list of known layers in error messages leaves it out. */
  readonly isOwn?: boolean;
  /** The settings that are understood. Whatever else would change what a layer computes must be refused here. */
  settings(z: Zod): z.ZodType<Settings>;
  /** The layer, or why it is not built here, in words after "layer 2 ". */
  read(settings: Settings): Layer | string;
  /** A setting that fits some input shapes only, in words after "layer 2 (MaxPooling2D): ". */
  findProblem?(settings: Settings, inputShape: Shape): string | undefined;
}

/** The schema library, for those who have loaded it. */
export type Zod = typeof z;

/** A schema for each key of a layer's definition but `type`. */
export type KeySchemas<Layer> = {
  readonly [Key in Exclude<keyof Layer, 'type'>]: z.ZodType<Layer[Key]>;
};

/** Normally distributed weights with mean 0. */
export type Initializer = { readonly type: 'normal'; readonly standardDeviation: number };

/** `glorot`: uniform in +-sqrt(6 / (fan in + fan out)). */
export type FirstWeights = 'glorot' | 'ones' | Initializer;

/** Where in a training a layer is: the same step of the same run drops the same units. */
export interface TrainingStep<Layer> {
  readonly layer: Layer;
  /** The layer's position in the network, from 0. */
  readonly index: number;
  readonly seed: number;
  readonly step: number;
}
