import { z } from 'zod';
import { escapeText, TrainerError } from '../core/errors.ts';
import type { LayerDefinition, Task } from './architectures.ts';
import { flexibleClassName } from './flexible-convolution.ts';
import { findShapeProblem } from './shape-problem.ts';

const size = z.number().int().positive().max(100_000);
/** Keras writes square sizes as pairs. */
const square = z.union([size.transform((side) => [side, side]), z.array(size).length(2)]);
const activation = z.enum(['linear', 'relu', 'sigmoid', 'tanh']).default('linear');
const name = z.string().max(200);
const channelsLast = z.literal('channels_last').optional();
/** The pixels of one digit or of two. */
const inputShape = z.array(z.number().nullable()).optional();

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
    class_name: z.literal(flexibleClassName),
    config: z.object({
      name,
      filters: size,
      kernel_size: size,
      strides: size,
      padding: z.union([z.enum(['same', 'valid']), z.number().int().nonnegative().max(100)]),
      dilation_rate: size,
      groups: size,
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
    class_name: z.literal('Activation'),
    config: z.object({ name, activation: z.enum(['relu', 'sigmoid', 'tanh']) }),
  }),
  z.object({
    class_name: z.literal('BatchNormalization'),
    // With other settings tfjs would compute something else.
    config: z.object({
      name,
      axis: z.union([z.literal(-1), z.literal(3)]),
      momentum: z.literal(0.99),
      epsilon: z.literal(0.001),
      center: z.literal(true),
      scale: z.literal(true),
    }),
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
  readonly task: Task;
  readonly layers: readonly LayerDefinition[];
  readonly names: readonly string[];
}

/**
 * Reads the layers out of a tfjs model topology. Only the layers that this tool builds itself are known; nothing in the
 * file chooses what code runs. They fit each other, and take 28 x 28 pixels and
 * answer ten numbers, or two such images and 19.
 *
 * @throws TrainerError `E_MODEL_FORMAT` naming the first layer or entry that is not known.
 */
export function parseTopology(topology: unknown): Topology {
  const sequential = topologySchema.safeParse(topology);
  if (!sequential.success) throw unknownTopology('it is no sequential network');
  const entries = sequential.data.config.map(parseEntry);
  const layers = entries.map(toDefinition);
  const task = findTask(sequential.data.config[0]);
  const problem = findShapeProblem({ task, layers });
  if (problem !== undefined) throw unknownTopology(problem);
  const names = entries.map((entry) => entry.config.name);
  // Weights are found by the names of their layers.
  const twice = names.find((each, at) => names.indexOf(each) !== at);
  if (twice !== undefined) throw unknownTopology(`two layers have the name ${escapeText(twice)}`);
  return { task, layers, names };
}

/** Two digits where the first layer says that its images are as wide as two. */
function findTask(first: unknown): Task {
  const parsed = z.object({ config: z.object({ batch_input_shape: inputShape }) }).safeParse(first);
  return parsed.data?.config.batch_input_shape?.[2] === 56 ? 'sum' : 'digit';
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
    case flexibleClassName: {
      const { filters, kernel_size: kernelSize, strides, padding, groups } = layer.config;
      const { dilation_rate: dilationRate, use_bias: useBias } = layer.config;
      const own = { filters, kernelSize, strides, padding, dilationRate, groups, useBias };
      return { type: 'conv2d', ...own, ...activationOf(layer.config) };
    }
    case 'Activation':
      return { type: 'activation', activation: layer.config.activation };
    case 'BatchNormalization':
      return { type: 'batchNormalization' };
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

function unknownTopology(what: string): TrainerError {
  return new TrainerError('E_MODEL_FORMAT', `cannot read model.json: ${what}`, {
    hint: 'Known layers: Conv2D, MaxPooling2D, AveragePooling2D, Flatten, Dense, Activation, BatchNormalization, Dropout.',
  });
}
