import { TrainerError } from '../core/errors.ts';
import type { NamedArray } from '../core/tensor-file.ts';

/** The filters of a convolution, taken apart into planes that can be drawn. */
export interface LayerFilters {
  /** The layer's name: `conv2d_1`. */
  readonly name: string;
  readonly height: number;
  readonly width: number;
  /** `planes[filter][channel]`, each [height, width] row by row; the channels are those that the filter looks at. */
  readonly planes: readonly (readonly Float32Array[])[];
}

/**
 * Takes the filters of one convolution out of a model's weights, [height, width, channels, filters].
 *
 * @throws TrainerError `E_INTERNAL` where the layer has no filters.
 */
export function takeFilters(weights: readonly NamedArray[], name: string): LayerFilters {
  const kernel = weights.find((array) => array.name === `${name}/kernel`);
  const [height = 0, width = 0, channelCount = 0, filterCount = 0] = kernel?.shape ?? [];
  if (kernel?.shape.length !== 4) {
    throw new TrainerError('E_INTERNAL', `cannot take filters: ${name} is not a convolution`);
  }
  const plane = (filter: number, channel: number) =>
    Float32Array.from(
      { length: height * width },
      (_, at) => kernel.values[(at * channelCount + channel) * filterCount + filter] ?? 0,
    );
  const planes = Array.from({ length: filterCount }, (_filter, filter) =>
    Array.from({ length: channelCount }, (_channel, channel) => plane(filter, channel)),
  );
  return { name, height, width, planes };
}
