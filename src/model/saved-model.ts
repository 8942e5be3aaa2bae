import { createHash } from 'node:crypto';
import fs from 'node:fs';
import nodePath from 'node:path';
import { z } from 'zod';
import { type TensorFlow, tf } from '../backend/tf.ts';
import { escapeText, TrainerError } from '../core/errors.ts';
import { readFileCapped, removeIfThere, writeFileAtomic } from '../core/files.ts';
import type { NamedArray } from '../core/tensor-file.ts';
import type { Architecture } from './architectures.ts';
import { buildModel, type Model } from './layers.ts';
import { type Metadata, parseMetadata } from './metadata.ts';
import { followShapes, product } from './shapes.ts';
import { parseTopology } from './topology.ts';
import { readWeights, writeWeights } from './weights.ts';

/** A model from disk, and what its metadata says; a model of other origin may have none. */
export interface SavedModel {
  readonly model: Model;
  readonly metadata?: Metadata;
}

const maxJsonBytes = 8 * 1024 * 1024;
const maxWeightsBytes = 1024 * 1024 * 1024;

const modelJsonSchema = z.object({
  // Keras' converter wraps the network, tfjs itself does not.
  modelTopology: z
    .record(z.string(), z.unknown())
    .transform((topology) => topology['model_config'] ?? topology),
  weightsManifest: z
    .array(
      z.object({
        paths: z.array(z.string()).max(1000),
        weights: z
          .array(
            z.object({
              name: z.string().max(1000),
              shape: z
                .array(
                  z
                    .number()
                    .int()
                    .nonnegative()
                    .max(2 ** 31),
                )
                .max(8),
              dtype: z.string(),
              quantization: z.unknown().optional(),
            }),
          )
          .max(1000),
      }),
    )
    .max(100),
});

/**
 * Writes a model as stock tfjs reads it: a weights file of its own name, then `model.json`, whose rename is the commit,
 * then `metadata.json`. Whoever reads meanwhile gets the old model or the new one, whole.
 */
export async function saveModel(
  model: Model,
  folder: string,
  metadata: Omit<Metadata, 'weightsSha256'>,
): Promise<void> {
  const weights = Buffer.concat(readWeights(model).map(({ values }) => Buffer.from(values.buffer)));
  const weightsSha256 = createHash('sha256').update(weights).digest('hex');
  const weightsFile = `weights-${weightsSha256.slice(0, 12)}.bin`;
  const modelJson = {
    format: 'layers-model',
    generatedBy: `TensorFlow.js tfjs-layers v${tf.version['tfjs-layers']}`,
    convertedBy: null,
    ...(await describeModel(model)),
  };
  modelJson.weightsManifest[0]?.paths.push(weightsFile);
  writeFileAtomic(nodePath.join(folder, weightsFile), weights);
  writeFileAtomic(nodePath.join(folder, 'model.json'), `${JSON.stringify(modelJson, undefined, 1)}\n`);
  writeFileAtomic(
    nodePath.join(folder, 'metadata.json'),
    `${JSON.stringify({ ...metadata, weightsSha256 }, undefined, 2)}\n`,
  );
  removeOldWeights(folder, weightsFile);
}

/**
 * Loads a model folder. Only known layers are built, only plain files inside the folder are opened.
 *
 * @throws TrainerError `E_NO_INPUT`, `E_MODEL_FORMAT` or `E_MODEL_PATH`.
 */
export function loadModel(folder: string): SavedModel {
  // A training that saves meanwhile may remove the weights between the two reads: then the newer model.json is there.
  try {
    return loadOnce(folder);
  } catch (error) {
    if (error instanceof TrainerError && error.code === 'E_NO_INPUT') return loadOnce(folder);
    throw error;
  }
}

type ModelArtifacts = Parameters<Parameters<TensorFlow['io']['withSaveHandler']>[0]>[0];

/** Topology and weights table by tfjs' own serializer. */
async function describeModel(model: Model) {
  let artifacts: ModelArtifacts | undefined;
  await model.network.save(
    tf.io.withSaveHandler(async (given) => {
      artifacts = given;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  const paths: string[] = [];
  return {
    modelTopology: artifacts?.modelTopology,
    weightsManifest: [{ paths, weights: artifacts?.weightSpecs }],
  };
}

function loadOnce(folder: string): SavedModel {
  const file = nodePath.join(folder, 'model.json');
  const { modelTopology, weightsManifest } = parseModelJson(file);
  const metadata = loadMetadata(folder);
  const architecture: Architecture = {
    name: metadata?.architecture ?? 'unnamed',
    pixels: metadata?.input ?? { scale: 1 / 255, offset: 0 },
    validation: 0,
    ...parseTopology(modelTopology),
  };
  const bytes = Buffer.concat(
    weightsManifest.flatMap(({ paths }) => paths).map((name) => readWeightsFile(folder, name)),
  );
  checkAnswers(architecture, file);
  const arrays = cutWeights(architecture, {
    specs: weightsManifest.flatMap(({ weights }) => weights),
    bytes,
    file,
  });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const isOwn = metadata?.weightsSha256 === sha256;
  const model = buildModel(architecture);
  writeWeights(model, arrays);
  return isOwn && metadata ? { model, metadata } : { model };
}

function parseModelJson(file: string): z.infer<typeof modelJsonSchema> {
  const fail = (what: string) =>
    new TrainerError('E_MODEL_FORMAT', `cannot read model.json: ${what}`, { path: file });
  const text = readFileCapped(file, maxJsonBytes, 'E_MODEL_FORMAT').toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw fail(`it is no JSON: ${escapeText(error instanceof Error ? error.message : '')}`);
  }
  const parsed = modelJsonSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw fail(`${issue?.path.join('.') || 'it'}: ${issue?.message}`);
}

function loadMetadata(folder: string): Metadata | undefined {
  const file = nodePath.join(folder, 'metadata.json');
  if (!fs.existsSync(file)) return undefined;
  const text = readFileCapped(file, maxJsonBytes, 'E_MODEL_FORMAT').toString('utf8');
  try {
    return parseMetadata(JSON.parse(text), file);
  } catch (error) {
    if (error instanceof TrainerError) throw error;
    throw new TrainerError('E_MODEL_FORMAT', 'cannot read metadata.json: it is no JSON', { path: file });
  }
}

/** Opens a weights file only where its name is a plain one and it is a regular file in the folder itself. */
function readWeightsFile(folder: string, name: string): Buffer {
  const file = nodePath.join(folder, name);
  const isPlain = name !== '' && name !== '.' && name !== '..' && !/[/\\\0]/.test(name);
  if (!isPlain || fs.lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new TrainerError(
      'E_MODEL_PATH',
      `cannot read model.json: the weights path "${escapeText(name)}" leaves the model folder`,
      {
        path: nodePath.join(folder, 'model.json'),
      },
    );
  }
  return readFileCapped(file, maxWeightsBytes, 'E_MODEL_FORMAT');
}

/** The network must give ten logits for each image. */
function checkAnswers(architecture: Architecture, file: string): void {
  const output = followShapes(architecture).at(-1)?.outputShape ?? [];
  if (output.join() !== '10') {
    throw new TrainerError(
      'E_MODEL_FORMAT',
      `cannot read model.json: the network's output is ${output.join(' x ') || 'empty'}, expected 10`,
      { path: file },
    );
  }
}

/** Cuts the weights file into the architecture's arrays, float32 alone. */
function cutWeights(
  architecture: Architecture,
  source: {
    readonly specs: z.infer<typeof modelJsonSchema>['weightsManifest'][number]['weights'];
    readonly bytes: Buffer;
    readonly file: string;
  },
): readonly NamedArray[] {
  const { specs, bytes, file } = source;
  const fail = (what: string) =>
    new TrainerError('E_MODEL_FORMAT', `cannot read the weights: ${what}`, { path: file });
  const expected = followShapes(architecture).flatMap(({ weights }) => weights);
  if (specs.length !== expected.length) throw fail(`${specs.length} arrays, expected ${expected.length}`);
  const sizeBytes = expected.reduce((sum, { shape }) => sum + product(shape) * 4, 0);
  if (bytes.length !== sizeBytes) throw fail(`${bytes.length} bytes, expected ${sizeBytes}`);
  let offset = 0;
  return expected.map(({ name, shape }, index) => {
    const spec = specs[index];
    if (spec?.dtype !== 'float32' || spec.quantization !== undefined)
      throw fail(`${name} is not plain float32`);
    if (spec.shape.join() !== shape.join()) {
      throw fail(`${name} has shape ${spec.shape.join(' x ')}, expected ${shape.join(' x ')}`);
    }
    const values = new Float32Array(product(shape));
    Buffer.from(values.buffer).set(bytes.subarray(offset, offset + values.byteLength));
    offset += values.byteLength;
    return { name, shape, values };
  });
}

/** Removes the weights of earlier saves; that one cannot be removed harms nobody. */
function removeOldWeights(folder: string, kept: string): void {
  for (const name of fs.readdirSync(folder)) {
    if (/^weights-[0-9a-f]{12}\.bin$/.test(name) && name !== kept) removeIfThere(nodePath.join(folder, name));
  }
}
