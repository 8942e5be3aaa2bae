import { z } from 'zod';
import { escapeText, TrainerError } from '../core/errors.ts';
import type { Architecture, LayerDefinition } from './architectures.ts';

const size = z.number().int().positive().max(100_000);
/** Keras writes square sizes as pairs. */
const square = z.union([size.transform((side) => [side, side]), z.array(size).length(2)]);
const activation = z.enum(['linear', 'relu', 'sigmoid', 'tanh']).default('linear');
const name = z.string().max(200);

const layerSchema = z.discriminatedUnion('class_name', [
  z.object({
    class_name: z.literal('Conv2D'),
    config: z.object({
      name,
      filters: size,
      kernel_size: square,
      strides: square,
      padding: z.enum(['same', 'valid']),
      dilation_rate: square.optional(),
      use_bias: z.boolean(),
      activation,
    }),
  }),
  z.object({
    class_name: z.enum(['MaxPooling2D', 'AveragePooling2D']),
    config: z.object({ name, pool_size: square, strides: square, padding: z.literal('valid') }),
  }),
  z.object({ class_name: z.literal('Flatten'), config: z.object({ name }) }),
  z.object({
    class_name: z.literal('Dense'),
    config: z.object({ name, units: size, use_bias: z.boolean(), activation }),
  }),
  z.object({
    class_name: z.literal('Dropout'),
    config: z.object({ name, rate: z.number().min(0).lt(1) }),
  }),
]);

const topologySchema = z.object({
  class_name: z.literal('Sequential'),
  config: z.union([
    z.array(z.unknown()).max(1000),
    z.object({ layers: z.array(z.unknown()).max(1000) }).transform(({ layers }) => layers),
  ]),
});

/**
 * Reads the layers out of a tfjs model topology. Only the layers that this tool builds itself are known; nothing in the
 * file chooses what code runs.
 *
 * @throws TrainerError `E_MODEL_FORMAT` naming the first layer or entry that is not known.
 */
export function parseTopology(topology: unknown): Pick<Architecture, 'layers'> {
  const sequential = topologySchema.safeParse(topology);
  if (!sequential.success) throw unknownTopology('it is no sequential network');
  return { layers: sequential.data.config.map(parseLayer) };
}

function parseLayer(entry: unknown, index: number): LayerDefinition {
  const parsed = layerSchema.safeParse(entry);
  if (!parsed.success) {
    const className = z.object({ class_name: z.string() }).safeParse(entry);
    const [issue] = parsed.error.issues;
    throw unknownTopology(
      `layer ${index + 1}${className.success ? ` (${escapeText(className.data.class_name)})` : ''}: ${issue?.path.join('.')}: ${issue?.message}`,
    );
  }
  const layer = parsed.data;
  switch (layer.class_name) {
    case 'Conv2D': {
      const { filters, padding, use_bias: useBias } = layer.config;
      if ((layer.config.dilation_rate ?? [1, 1]).some((rate) => rate !== 1)) {
        throw unknownTopology(`layer ${index + 1} (Conv2D) has a dilation rate other than 1`);
      }
      const [kernelSize, strides] = [
        side(layer.config.kernel_size, index),
        side(layer.config.strides, index),
      ];
      return {
        type: 'conv2d',
        filters,
        kernelSize,
        strides,
        padding,
        useBias,
        ...activationOf(layer.config),
      };
    }
    case 'MaxPooling2D':
    case 'AveragePooling2D': {
      const [poolSize, strides] = [side(layer.config.pool_size, index), side(layer.config.strides, index)];
      return {
        type: layer.class_name === 'MaxPooling2D' ? 'maxPooling2d' : 'averagePooling2d',
        poolSize,
        strides,
      };
    }
    case 'Flatten':
      return { type: 'flatten' };
    case 'Dense':
      return {
        type: 'dense',
        units: layer.config.units,
        useBias: layer.config.use_bias,
        ...activationOf(layer.config),
      };
    case 'Dropout':
      return { type: 'dropout', rate: layer.config.rate };
  }
}

function activationOf(config: { readonly activation: z.infer<typeof activation> }) {
  return config.activation === 'linear' ? {} : { activation: config.activation };
}

function side([height = 0, width = 0]: readonly number[], index: number): number {
  if (height !== width) throw unknownTopology(`layer ${index + 1} is ${height} x ${width}, not square`);
  return height;
}

function unknownTopology(what: string): TrainerError {
  return new TrainerError('E_MODEL_FORMAT', `cannot read model.json: ${what}`, {
    hint: 'Known layers: Conv2D, MaxPooling2D, AveragePooling2D, Flatten, Dense, Dropout.',
  });
}
