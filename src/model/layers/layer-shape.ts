/** What every layer's definition has: the name of its kind. */
export interface AnyLayer {
  readonly type: string;
}

/** The sizes of an array, for layers without the batch: [H, W, C] or [units]. */
export type Shape = readonly number[];

/** A weight of a layer: its name in files, and its shape. */
export interface WeightShape {
  readonly name: string;
  readonly shape: Shape;
}

/** A layer with the numbers that follow from what stands before it. */
export interface LayerShapeOf<Layer extends AnyLayer> {
  /** Unique in the network and the same in every process: `conv2d_1`. */
  readonly name: string;
  readonly layer: Layer;
  /** Without the batch: [H, W, C] or [units]. */
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** The kernel first, [height, width, in / groups, filters] or [in, units], then the bias. */
  readonly weights: readonly WeightShape[];
  readonly parameters: number;
  /** Multiplications, each with its addition, for one image; those with padding's zeros count, too. */
  readonly multiplyAdds: number;
}

/** The number of values in an array of this shape. */
export function product(shape: Shape): number {
  return shape.reduce((total, size) => total * size, 1);
}
