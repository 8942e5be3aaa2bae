import { z } from 'zod';
import { escapeText } from '../core/errors.ts';
import type { Task } from './architectures.ts';
import { trimEnds } from './keras-ends.ts';
import { type ListedLayer, listLayers, wrongTopology } from './keras-layers.ts';
import type { KerasClass } from './layers/layer-kind.ts';
import { type LayerDefinition, layerKinds } from './layers/layer-kinds.ts';
import { findShapeProblem } from './shape-problem.ts';
import { followShapes, type NetworkLayers } from './shapes.ts';

/** What `model.json` may call a layer. */
const classes = new Map(
  layerKinds.flatMap(({ keras }) =>
    keras.map((each) => [each.className, { keras: each, settings: each.settings(z) }]),
  ),
);

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
 * @throws TrainerError `E_MODEL_FORMAT` naming the first layer or entry that is not known.
 */
export function parseTopology(topology: unknown): Topology {
  const { task, layers: listed, pixels, endedInSoftmax } = trimEnds(listLayers(topology));
  const entries = listed.map(parseEntry);
  const layers = entries.map(readLayer);
  const problem = findShapeProblem({ task, layers }) ?? findSettingProblem({ task, layers }, entries);
  if (problem !== undefined) throw wrongTopology(problem);
  const names = listed.map(({ name }) => name);
  // Weights are found by the names of their layers.
  const twice = names.find((each, at) => names.indexOf(each) !== at);
  if (twice !== undefined) throw wrongTopology(`two layers are named ${escapeText(twice)}`);
  return { task, layers, names, endedInSoftmax, ...(pixels !== undefined && { pixels }) };
}

/** A layer with its settings, which its class has parsed. */
interface Entry {
  readonly keras: KerasClass<LayerDefinition>;
  readonly settings: unknown;
}

function parseEntry({ className, config }: ListedLayer, index: number): Entry {
  const place = `layer ${index + 1} (${escapeText(className)})`;
  const known = classes.get(className);
  if (known === undefined) throw wrongTopology(`${place} is not supported`);
  const parsed = known.settings.safeParse(config);
  if (parsed.success) return { keras: known.keras, settings: parsed.data };
  const [issue] = parsed.error.issues;
  throw wrongTopology(`${place}: ${issue && describeIssue(config, issue)}`);
}

/** The setting with the value found: "activation 'swish', expected 'linear', 'relu', 'sigmoid' or 'tanh'". */
function describeIssue(config: ListedLayer['config'], issue: z.core.$ZodIssue): string {
  const key = String(issue.path[0]);
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

function readLayer({ keras, settings }: Entry, index: number): LayerDefinition {
  const read = keras.read(settings);
  if (typeof read === 'string') throw wrongTopology(`layer ${index + 1} ${read}`);
  return read;
}

/** Settings that mean what is built here only for some sizes: an axis that must be the last, padding that adds nothing. */
function findSettingProblem(network: NetworkLayers, entries: readonly Entry[]): string | undefined {
  const inputShapes = followShapes(network).map(({ inputShape }) => inputShape);
  for (const [index, { keras, settings }] of entries.entries()) {
    const problem = keras.findProblem?.(settings, inputShapes[index] ?? []);
    if (problem !== undefined) return `layer ${index + 1} (${keras.className}): ${problem}`;
  }
  return undefined;
}
