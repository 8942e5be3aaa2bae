import { tf } from '../../backend/tf.ts';
import { channelsLast, findOblong, kerasClass, square } from './keras-settings.ts';
import type { LayerKind } from './layer-kind.ts';
import { toImage } from './layer-plan.ts';
import type { AnyLayer } from './layer-shape.ts';

/** The largest value of each square of an image, or their mean. */
export interface Pooling<
  Type extends 'maxPooling2d' | 'averagePooling2d' = 'maxPooling2d' | 'averagePooling2d',
> {
  readonly type: Type;
  readonly poolSize: number;
  /** As many pixels as a square has, if left out. */
  readonly strides?: number;
}

export const maxPooling2d = pooling('maxPooling2d', { word: 'max', className: 'MaxPooling2D' });
export const averagePooling2d = pooling('averagePooling2d', { word: 'mean', className: 'AveragePooling2D' });

/** Whether this is a max-pool of 2 x 2 pixels side by side, which our ops do fastest together with the convolution before it. */
export function isHalvingMaxPool(layer: AnyLayer | undefined): boolean {
  if (layer?.type !== maxPooling2d.type) return false;
  const { poolSize, strides = poolSize } = layer as Pooling; // what a layer of this type is
  return poolSize === 2 && strides === 2;
}

function pooling<Type extends Pooling['type']>(
  type: Type,
  { word, className }: { readonly word: string; readonly className: string },
): LayerKind<Pooling<Type>> {
  return {
    type,
    keys: (z) => {
      const count = z.number().int().min(1).max(100_000);
      return { poolSize: count, strides: count.optional() };
    },
    describe: ({ poolSize, strides = poolSize }) =>
      `${word}-pool ${poolSize}x${poolSize}${strides === poolSize ? '' : `, strides ${strides}`}`,

    inputDimensions: 3,
    reach: ({ poolSize }) => poolSize,
    outputShape: ({ poolSize, strides = poolSize }, [height = 0, width = 0, channels = 0]) => {
      const pooled = (length: number) => Math.floor((length - poolSize) / strides) + 1;
      return [pooled(height), pooled(width), channels];
    },

    build: ({ name, layer: { poolSize, strides = poolSize } }, input) =>
      tf.layers[type]({ name, poolSize, strides, padding: 'valid', ...input }),
    plan: ({ layer: { poolSize, strides = poolSize }, inputShape }) => ({
      layer: {
        kind: 'pool',
        input: toImage(inputShape),
        poolSize,
        strides,
        isMean: type === 'averagePooling2d',
      },
    }),
    keras: [
      kerasClass({
        className,
        settings: (z) =>
          z.object({
            pool_size: square(z),
            strides: square(z),
            padding: z.enum(['valid', 'same']),
            data_format: channelsLast(z),
          }),
        read: ({ pool_size, strides }) =>
          findOblong(pool_size, strides) ?? { type, poolSize: pool_size[0] ?? 0, strides: strides[0] ?? 0 },
        findProblem: (
          { padding, pool_size: [poolSize = 1], strides: [strides = 1] },
          [height = 0, width = 0],
        ) => {
          const isPadded = (length: number) =>
            (Math.ceil(length / strides) - 1) * strides + poolSize > length;
          return padding === 'same' && (isPadded(height) || isPadded(width))
            ? `padding 'same' on ${height} x ${width}, expected 'valid'`
            : undefined;
        },
      }),
    ],
  };
}
