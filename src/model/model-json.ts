import { z } from 'zod';
import { type TensorFlow, tf } from '../backend/tf.ts';
import { escapeText, TrainerError } from '../core/errors.ts';
import { readFileCapped } from '../core/files.ts';
import type { NamedArray } from '../core/tensor-file.ts';
import { product, type WeightShape } from './layers/layer-shape.ts';
import type { Model } from './model.ts';
import { followShapes } from './shapes.ts';
import type { Topology } from './topology.ts';

/** Bytes of the largest JSON file of a model folder that is read. */
export const maxJsonBytes = 8 * 1024 * 1024;

const dimension = z
  .number()
  .int()
  .positive()
  .max(2 ** 31);

const modelJsonSchema = z.object({
  // Keras' converter puts the network one level deeper than tfjs does.
  modelTopology: z.union([
    z.object({ model_config: z.looseObject({}) }).transform((topology) => topology.model_config),
    z.looseObject({}),
  ]),
  weightsManifest: z
    .array(
      z.object({
        paths: z.array(z.string()).max(1000),
        weights: z
          .array(
            z.object({
              name: z.string().max(1000),
              shape: z.array(dimension).max(8),
              dtype: z.string(),
              quantization: z.unknown().optional(),
            }),
          )
          .max(1000),
      }),
    )
    .max(100),
  userDefinedMetadata: z.unknown().optional(),
});

/** What stands in a `model.json`: the network, where its weights lie, and what its maker added. */
export interface ModelJson {
  readonly topology: unknown;
  /** Names of the weights files, which follow each other as one run of bytes. */
  readonly paths: readonly string[];
  /** What the bytes are, in order. */
  readonly specs: readonly WeightSpec[];
  readonly userDefinedMetadata: unknown;
}

type WeightSpec = z.infer<typeof modelJsonSchema>['weightsManifest'][number]['weights'][number];

/** A model as `model.json` holds it, by tfjs' own serializer; its weights are in `weightsFile`. */
export async function describeModel(model: Model, weightsFile: string): Promise<object> {
  let artifacts: ModelArtifacts | undefined;
  await model.network.save(
    tf.io.withSaveHandler(async (given) => {
      artifacts = given;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  return {
    format: 'layers-model',
    generatedBy: `TensorFlow.js tfjs-layers v${tf.version['tfjs-layers']}`,
    convertedBy: null,
    modelTopology: artifacts?.modelTopology,
    weightsManifest: [{ paths: [weightsFile], weights: describeWeights(model) }],
  };
}

/** The arrays of the weights file in the order of `readWeights`: tfjs' own list has those that are not trained at its end. */
function describeWeights({ architecture }: Model) {
  const weights = followShapes(architecture).flatMap((shape) => shape.weights);
  return weights.map(({ name, shape }) => ({ name, shape, dtype: 'float32' }));
}

type ModelArtifacts = Parameters<Parameters<TensorFlow['io']['withSaveHandler']>[0]>[0];

/** Reads a `model.json`. @throws TrainerError `E_NO_INPUT`, or `E_MODEL_FORMAT` naming the first wrong entry. */
export function readModelJson(file: string): ModelJson {
  const fail = (what: string) =>
    new TrainerError('E_MODEL_FORMAT', `cannot read model.json: ${what}`, { path: file });
  const text = readFileCapped(file, maxJsonBytes, 'E_MODEL_FORMAT').toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw fail('it is not JSON');
  }
  const parsed = modelJsonSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw fail(`${escapeText(issue?.path.join('.') || 'it')}: ${issue?.message}`);
  }
  const { modelTopology, weightsManifest, userDefinedMetadata } = parsed.data;
  return {
    topology: modelTopology,
    paths: weightsManifest.flatMap(({ paths }) => paths),
    specs: weightsManifest.flatMap(({ weights }) => weights),
    userDefinedMetadata,
  };
}

/** Bytes of the weights that a network needs, and of the optimizer's numbers that Keras 3 stores with them. */
export function countWeightBytes(topology: Topology, specs: readonly WeightSpec[]): number {
  const needed = followShapes(topology).reduce((sum, { parameters }) => sum + parameters * 4, 0);
  return specs.filter(isOptimizers).reduce((sum, { shape }) => sum + product(shape) * 4, needed);
}

/** Where an array of a network is among the bytes of the weights files. */
export interface PlacedWeight extends WeightShape {
  readonly startBytes: number;
}

/**
 * Finds a network's arrays, which tfjs names by layer, among those that `model.json` describes. Only plain float32 is read.
 *
 * @throws TrainerError `E_MODEL_FORMAT` naming the first array that is missing, of another type or of another shape.
 */
export function placeWeights(
  topology: Topology,
  specs: readonly WeightSpec[],
  file: string,
): readonly PlacedWeight[] {
  const fail = (what: string) =>
    new TrainerError('E_MODEL_FORMAT', `cannot read the weights: ${what}`, { path: file });
  const layers = followShapes(topology);
  const count = layers.reduce((sum, { weights }) => sum + weights.length, 0);
  const found = specs.filter((spec) => !isOptimizers(spec)).length;
  if (found !== count) throw fail(`${found} arrays, expected ${count}`);
  const starts = findStarts(specs);
  return layers.flatMap((layer, position) =>
    layer.weights.map(({ name, shape }, index) => {
      const wanted = `${topology.names[position]}/${name.slice(name.lastIndexOf('/') + 1)}`;
      const spec = findSpec(specs, wanted, `${kerasPath(layer.name)}/vars/${index}`);
      if (spec === undefined) throw fail(`it lacks the array ${escapeText(wanted)}`);
      if (spec.dtype !== 'float32')
        throw fail(`${escapeText(wanted)} is ${escapeText(spec.dtype)}, expected float32`);
      if (spec.quantization !== undefined)
        throw fail(`${escapeText(wanted)} is quantized, expected plain float32`);
      if (spec.shape.join() !== shape.join()) {
        throw fail(
          `${escapeText(wanted)} has shape ${spec.shape.join(' x ')}, expected ${shape.join(' x ')}`,
        );
      }
      return { name, shape, startBytes: starts.get(spec) ?? 0 };
    }),
  );
}

/** Cuts the arrays out of the bytes of the weights files. */
export function cutWeights(places: readonly PlacedWeight[], bytes: Buffer): readonly NamedArray[] {
  return places.map(({ name, shape, startBytes }) => {
    const values = new Float32Array(product(shape));
    Buffer.from(values.buffer).set(bytes.subarray(startBytes, startBytes + values.byteLength));
    return { name, shape, values };
  });
}

/** By its name, which Keras 3 may set behind the network's; or by its place in a `.keras` file. */
function findSpec(specs: readonly WeightSpec[], name: string, path: string): WeightSpec | undefined {
  const exact = specs.find((each) => each.name === name) ?? specs.find((each) => each.name === path);
  return exact ?? specs.find((each) => each.name.endsWith(`/${name}`));
}

/** `conv2d_2` -> `layers/conv2d_1`: a `.keras` file counts the layers of each kind from 0, and leaves the 0 out. */
function kerasPath(name: string): string {
  const at = name.lastIndexOf('_');
  const number = Number(name.slice(at + 1)) - 1;
  return `layers/${name.slice(0, at)}${number === 0 ? '' : `_${number}`}`;
}

function isOptimizers({ name }: WeightSpec): boolean {
  return name.startsWith('optimizer/');
}

/** Where each array begins; all have four bytes a number, or are refused. */
function findStarts(specs: readonly WeightSpec[]): ReadonlyMap<WeightSpec, number> {
  let start = 0;
  return new Map(
    specs.map((spec) => {
      const entry = [spec, start] as const;
      start += product(spec.shape) * 4;
      return entry;
    }),
  );
}
