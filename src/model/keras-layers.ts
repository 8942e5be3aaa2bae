import { z } from 'zod';
import { escapeText, TrainerError } from '../core/errors.ts';
import { layerKinds } from './layers/layer-kinds.ts';

/** A layer as a file lists it: its kind, and its settings, not checked yet. */
export interface ListedLayer {
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly name: string;
}

const entrySchema = z.looseObject({
  class_name: z.string(),
  config: z.looseObject({ name: z.string().max(200).optional() }),
  name: z.string().max(200).optional(),
  inbound_nodes: z.array(z.unknown()).max(1000).optional(),
});

const sequentialSchema = z.object({
  class_name: z.literal('Sequential'),
  config: z.union([
    z.array(z.unknown()).max(1000),
    z.object({ layers: z.array(z.unknown()).max(1000) }).transform(({ layers }) => layers),
  ]),
});

/** tfjs lists the ends in a list of their own even where there is one; Keras 3 does not. */
const ends = z.union([
  z.array(z.tuple([z.string()]).rest(z.unknown())),
  z.tuple([z.string()]).rest(z.unknown()),
]);

const functionalSchema = z.object({
  class_name: z.enum(['Functional', 'Model']),
  config: z.object({ layers: z.array(z.unknown()).max(1000), input_layers: ends, output_layers: ends }),
});

/**
 * Lists the layers of a sequential network, or of a functional one that is a plain chain, in the order of their work. Known
 * are the forms of Keras 2, Keras 3 and tfjs.
 *
 * @throws TrainerError `E_MODEL_FORMAT` where it is neither.
 */
export function listLayers(topology: unknown): readonly ListedLayer[] {
  const sequential = sequentialSchema.safeParse(topology);
  if (sequential.success)
    return sequential.data.config.map((entry, index) => toListed(parseEntry(entry, index)));
  const functional = functionalSchema.safeParse(topology);
  if (!functional.success) throw wrongTopology('it is neither a sequential network nor a chain of layers');
  const { layers, input_layers: inputs, output_layers: outputs } = functional.data.config;
  return followChain(layers.map(parseEntry), nameOnly(inputs, 'input'), nameOnly(outputs, 'output'));
}

/** The error that a topology is not one that is read. */
export function wrongTopology(what: string): TrainerError {
  const foreign = layerKinds.flatMap(({ keras }) => keras).filter(({ isOwn }) => isOwn !== true);
  const names = foreign.map(({ className }) => className);
  return new TrainerError('E_MODEL_FORMAT', `cannot read model.json: ${what}`, {
    hint: `Supported layers: ${names.join(', ')}; Reshape and Rescaling first, Softmax last.`,
  });
}

type Entry = z.infer<typeof entrySchema>;

function parseEntry(entry: unknown, index: number): Entry {
  const parsed = entrySchema.safeParse(entry);
  if (parsed.success) return parsed.data;
  const className = z.object({ class_name: z.string() }).safeParse(entry).data?.class_name;
  const known = className === undefined ? '' : ` (${escapeText(className)})`;
  throw wrongTopology(`layer ${index + 1}${known} is not supported`);
}

function toListed({ class_name: className, config, name }: Entry): ListedLayer {
  return { className, config, name: name ?? config.name ?? '' };
}

function nameOnly(given: z.infer<typeof ends>, end: string): string {
  const [first, ...more] = given;
  const name = typeof first === 'string' ? first : first?.[0];
  if (name === undefined || (typeof first !== 'string' && more.length > 0)) {
    throw wrongTopology(`it has ${typeof first === 'string' ? 1 : given.length} ${end}s, expected 1`);
  }
  return name;
}

/** From the input each layer leads to the one that it feeds, up to the output. */
function followChain(entries: readonly Entry[], input: string, output: string): readonly ListedLayer[] {
  const feeders = new Map<string, Entry>();
  for (const entry of entries) {
    const { name } = toListed(entry);
    if (name === input) continue;
    const [from, ...more] = feedersOf(entry);
    if (from === undefined || more.length > 0) {
      const count = from === undefined ? 'no input' : `${more.length + 1} inputs`;
      throw wrongTopology(`it is not a chain of layers: ${describe(entry)} has ${count}`);
    }
    const other = feeders.get(from);
    if (other !== undefined) {
      throw wrongTopology(
        `it is not a chain of layers: ${escapeText(from)} feeds both ${describe(other)} and ${describe(entry)}`,
      );
    }
    feeders.set(from, entry);
  }
  const first = entries.find((entry) => toListed(entry).name === input);
  if (first === undefined) throw wrongTopology(`its input ${escapeText(input)} is not one of its layers`);
  const chain: ListedLayer[] = [];
  for (let next: Entry | undefined = first; next !== undefined; next = feeders.get(toListed(next).name)) {
    chain.push(toListed(next));
    if (chain.length > entries.length) break;
  }
  if (chain.length === entries.length && chain.at(-1)?.name === output) return chain;
  throw wrongTopology(`it is not a chain of layers from ${escapeText(input)} to ${escapeText(output)}`);
}

/** The names of the layers that a layer gets its values from: Keras 2 and tfjs write lists, Keras 3 describes tensors. */
function feedersOf({ inbound_nodes: nodes = [] }: Entry): readonly string[] {
  return nodes.flatMap((node) => {
    const listed = z.array(z.tuple([z.string()]).rest(z.unknown())).safeParse(node);
    if (listed.success) return listed.data.map(([name]) => name);
    const described = nodeSchema.safeParse(node);
    return described.success ? described.data.args.map(({ config }) => config.keras_history[0]) : [];
  });
}

const nodeSchema = z.object({
  args: z
    .array(z.object({ config: z.object({ keras_history: z.tuple([z.string()]).rest(z.unknown()) }) }))
    .max(1000),
});

function describe(entry: Entry): string {
  return `${escapeText(toListed(entry).name)} (${escapeText(entry.class_name)})`;
}
