import { z } from 'zod';
import { escapeText, TrainerError } from '../core/errors.ts';
import type { LayerDefinition } from './architectures.ts';
import { followShapes, product } from './shapes.ts';

const size = z.number().int().positive().max(100_000);
/** Keras writes square sizes as pairs. */
const square = z.union([size.transform((side) => [side, side]), z.array(size).length(2)]);
const activation = z.enum(['linear', 'relu', 'sigmoid', 'tanh']).default('linear');
const name = z.string().max(200);
const channelsLast = z.literal('channels_last').optional();

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
      data_format: channelsLast,
      use_bias: z.boolean(),
      activation,
    }),
  }),
  z.object({
    class_name: z.enum(['MaxPooling2D', 'AveragePooling2D']),
    config: z.object({
      name,
      pool_size: square,
      strides: square,
      padding: z.literal('valid'),
      data_format: channelsLast,
    }),
  }),
  z.object({ class_name: z.literal('Flatten'), config: z.object({ name, data_format: channelsLast }) }),
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

/** The layers of a network, and the name that each has in its file. */
export interface Topology {
  readonly layers: readonly LayerDefinition[];
  readonly names: readonly string[];
}

/** More values for one image would be no network for digits, but a trap for the memory. */
const maxValues = 2 ** 20;

/**
 * Reads the layers out of a tfjs model topology. Only the layers that this tool builds itself are known; nothing in the
 * file chooses what code runs. They fit each other, take 28 x 28 pixels and answer ten numbers.
 *
 * @throws TrainerError `E_MODEL_FORMAT` naming the first layer or entry that is not known.
 */
export function parseTopology(topology: unknown): Topology {
  const sequential = topologySchema.safeParse(topology);
  if (!sequential.success) throw unknownTopology('it is no sequential network');
  const entries = sequential.data.config.map(parseEntry);
  const layers = entries.map(toDefinition);
  checkShapes(layers);
  return { layers, names: entries.map((entry) => entry.config.name) };
}

function parseEntry(entry: unknown, index: number): LayerEntry {
  const parsed = layerSchema.safeParse(entry);
  if (!parsed.success) {
    const className = z.object({ class_name: z.string() }).safeParse(entry);
    const place = `layer ${index + 1}${className.success ? ` (${escapeText(className.data.class_name)})` : ''}`;
    const [issue] = parsed.error.issues;
    if (issue === undefined || issue.path[0] === 'class_name') throw unknownTopology(`${place} is not known`);
    throw unknownTopology(`${place}: ${escapeText(issue.path.join('.'))}: ${issue.message}`);
  }
  return parsed.data;
}

type LayerEntry = z.infer<typeof layerSchema>;

function toDefinition(layer: LayerEntry, index: number): LayerDefinition {
  switch (layer.class_name) {
    case 'Conv2D': {
      const { filters, padding, use_bias: useBias } = layer.config;
      if ((layer.config.dilation_rate ?? [1, 1]).some((rate) => rate !== 1)) {
        throw unknownTopology(`layer ${index + 1} (Conv2D) has a dilation rate other than 1`);
      }
      const [kernelSize, strides] = [
        sideOf(layer.config.kernel_size, index),
        sideOf(layer.config.strides, index),
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
      const [poolSize, strides] = [
        sideOf(layer.config.pool_size, index),
        sideOf(layer.config.strides, index),
      ];
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

function sideOf([height = 0, width = 0]: readonly number[], index: number): number {
  if (height !== width) throw unknownTopology(`layer ${index + 1} is ${height} x ${width}, not square`);
  return height;
}

function checkShapes(layers: readonly LayerDefinition[]): void {
  const shapes = followShapes({ layers });
  shapes.forEach(({ name: layerName, layer, inputShape, outputShape }, index) => {
    const place = `layer ${index + 1} (${layerName})`;
    const dimensions = layer.type === 'dense' ? 1 : 'poolSize' in layer || 'filters' in layer ? 3 : undefined;
    if (dimensions !== undefined && inputShape.length !== dimensions) {
      throw unknownTopology(`${place} gets ${formatShape(inputShape)}, expected ${dimensions} dimensions`);
    }
    if (outputShape.some((length) => length < 1)) {
      throw unknownTopology(`${place} gets ${formatShape(inputShape)}, less than it takes`);
    }
    if (product(outputShape) > maxValues) {
      throw unknownTopology(`${place} gives ${product(outputShape)} values, the limit is ${maxValues}`);
    }
  });
  const output = shapes.at(-1)?.outputShape ?? [];
  if (output.join() !== '10') {
    throw unknownTopology(`the network's output is ${formatShape(output)}, expected 10`);
  }
}

function formatShape(shape: readonly number[]): string {
  return shape.join(' x ') || 'empty';
}

function unknownTopology(what: string): TrainerError {
  return new TrainerError('E_MODEL_FORMAT', `cannot read model.json: ${what}`, {
    hint: 'Known layers: Conv2D, MaxPooling2D, AveragePooling2D, Flatten, Dense, Dropout.',
  });
}
