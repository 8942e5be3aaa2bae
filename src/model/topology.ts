import { z } from 'zod';
import { escapeText } from '../core/errors.ts';
import type { LayerDefinition, Task } from './architectures.ts';
import { flexibleClassName } from './flexible-convolution.ts';
import { trimEnds } from './keras-ends.ts';
import { type ListedLayer, listLayers, wrongTopology } from './keras-layers.ts';
import { findShapeProblem } from './shape-problem.ts';
import { followShapes, type NetworkLayers } from './shapes.ts';

const size = z.number().int().positive().max(100_000);
/** Keras writes square sizes as pairs. */
const square = z.union([size.transform((side) => [side, side]), z.array(size).length(2)]);
const activation = z.enum(['linear', 'relu', 'sigmoid', 'tanh']).default('linear');
const name = z.string().max(200);
const channelsLast = z.literal('channels_last').optional();
/** Keras 2 writes an axis as a list. */
const axis = z.union([z.literal([-1, 1, 3]), z.tuple([z.literal([-1, 1, 3])]).transform(([only]) => only)]);
const isOff = z.literal(false).nullish();
const isZero = z.literal(0).nullish();

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
      groups: z.literal(1).optional(),
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
      padding: z.enum(['valid', 'same']),
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
    class_name: z.literal('ReLU'),
    config: z.object({ name, max_value: z.null().optional(), negative_slope: isZero, threshold: isZero }),
  }),
  z.object({
    class_name: z.literal('BatchNormalization'),
    // With other settings tfjs would compute something else; the momentum matters in training alone.
    config: z.object({
      name,
      axis,
      momentum: z.number().min(0).max(1),
      epsilon: z.literal(0.001),
      center: z.literal(true),
      scale: z.literal(true),
      renorm: isOff,
    }),
  }),
  z.object({
    class_name: z.literal('Dropout'),
    config: z.object({ name, rate: z.number().min(0).lt(1) }),
  }),
]);

/** The layers of a network, and the name that each has in its file. */
export interface Topology {
  readonly task: Task;
  readonly layers: readonly LayerDefinition[];
  readonly names: readonly string[];
  /** A pixel byte becomes `byte * scale + offset` where the network says so itself, by a first layer. */
  readonly pixels?: { readonly scale: number; readonly offset: number };
  /** It ended in a softmax, which was left out: networks here give logits. */
  readonly endedInSoftmax: boolean;
}

/**
 * Reads the layers out of a topology of tfjs or, converted, of Keras. Only the layers that this tool builds itself are known;
 * nothing in the file chooses what code runs. They fit each other, and take 28 x 28 pixels and
 * answer ten numbers, or two such images and 19.
 *
 * @throws TrainerError `E_MODEL_FORMAT` naming the first layer or entry that is not supported.
 */
export function parseTopology(topology: unknown): Topology {
  const { task, layers: listed, pixels, endedInSoftmax } = trimEnds(listLayers(topology));
  const entries = listed.map(parseLayer);
  const layers = entries.map(toDefinition);
  const problem = findShapeProblem({ task, layers }) ?? findSettingProblem({ task, layers }, entries);
  if (problem !== undefined) throw wrongTopology(problem);
  const names = entries.map((entry) => entry.config.name);
  // Weights are found by the names of their layers.
  const twice = names.find((each, at) => names.indexOf(each) !== at);
  if (twice !== undefined) throw wrongTopology(`two layers are named ${escapeText(twice)}`);
  return { task, layers, names, endedInSoftmax, ...(pixels !== undefined && { pixels }) };
}

function parseLayer({ className, config, name: given }: ListedLayer, index: number): LayerEntry {
  const entry = { class_name: className, config: { ...config, name: given } };
  const parsed = layerSchema.safeParse(entry);
  if (parsed.success) return parsed.data;
  const place = `layer ${index + 1} (${escapeText(className)})`;
  const [issue] = parsed.error.issues;
  if (issue === undefined || issue.path[0] === 'class_name') throw wrongTopology(`${place} is not supported`);
  throw wrongTopology(`${place}: ${describeIssue(config, issue)}`);
}

/** The setting with the value found: "activation 'swish', expected 'linear', 'relu', 'sigmoid' or 'tanh'". */
function describeIssue(config: ListedLayer['config'], issue: z.core.$ZodIssue): string {
  const key = String(issue.path[1]);
  const found = config[key];
  const shown = typeof found === 'string' ? `'${found}'` : (JSON.stringify(found) ?? 'is missing');
  const values = issue.code === 'invalid_value' ? issue.values.map((value) => describeValue(value)) : [];
  const last = values.pop();
  const expected =
    last === undefined
      ? issue.message
      : `expected ${values.length > 0 ? `${values.join(', ')} or ` : ''}${last}`;
  return escapeText(`${key} ${shown}, ${expected}`);
}

function describeValue(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}

/** Settings that mean what is built here only for some sizes: an axis that must be the last, padding that adds nothing. */
function findSettingProblem(network: NetworkLayers, entries: readonly LayerEntry[]): string | undefined {
  for (const [index, { inputShape }] of followShapes(network).entries()) {
    const entry = entries[index];
    const place = `layer ${index + 1} (${entry?.class_name})`;
    if (entry?.class_name === 'BatchNormalization') {
      const { axis: given } = entry.config;
      if (given !== -1 && given !== inputShape.length) {
        return `${place}: axis ${given}, expected -1 or ${inputShape.length}`;
      }
    }
    if (
      (entry?.class_name === 'MaxPooling2D' || entry?.class_name === 'AveragePooling2D') &&
      entry.config.padding === 'same'
    ) {
      const [pool = 1, strides = 1] = [entry.config.pool_size[0], entry.config.strides[0]];
      const isPadded = (length: number) => (Math.ceil(length / strides) - 1) * strides + pool > length;
      const [height = 0, width = 0] = inputShape;
      if (isPadded(height) || isPadded(width)) {
        return `${place}: padding 'same' on ${height} x ${width}, expected 'valid'`;
      }
    }
  }
  return undefined;
}

type LayerEntry = z.infer<typeof layerSchema>;

function toDefinition(layer: LayerEntry, index: number): LayerDefinition {
  switch (layer.class_name) {
    case 'Conv2D': {
      const { filters, padding, use_bias: useBias } = layer.config;
      if ((layer.config.dilation_rate ?? [1, 1]).some((rate) => rate !== 1)) {
        throw wrongTopology(`layer ${index + 1} (Conv2D) has a dilation rate other than 1`);
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
    case 'ReLU':
      return { type: 'activation', activation: 'relu' };
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
  if (height !== width) throw wrongTopology(`layer ${index + 1} is ${height} x ${width}, not square`);
  return height;
}
