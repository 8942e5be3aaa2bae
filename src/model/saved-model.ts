import { createHash } from 'node:crypto';
import fs from 'node:fs';
import nodePath from 'node:path';
import { escapeText, TrainerError } from '../core/errors.ts';
import { formatCount, readFileCapped, removeIfThere, writeFileAtomic } from '../core/files.ts';
import type { NamedArray } from '../core/tensor-file.ts';
import type { Architecture } from './architectures.ts';
import { refuseForeignModel } from './foreign-model.ts';
import { type Metadata, parseMetadata } from './metadata.ts';
import { buildModel, type Model } from './model.ts';
import {
  countWeightBytes,
  cutWeights,
  describeModel,
  maxJsonBytes,
  placeWeights,
  readModelJson,
} from './model-json.ts';
import { parseTopology, type Topology } from './topology.ts';
import { readWeights, writeWeights } from './weights.ts';

/** A model from disk, and what its metadata says; a model of other origin may have none. */
export interface SavedModel {
  readonly model: Model;
  readonly metadata?: Metadata;
  /** What a model without metadata is taken to be, in words. */
  readonly assumed?: string;
}

/** What a model folder holds, before a network is built of it. */
export interface StoredModel extends Omit<SavedModel, 'model'> {
  readonly architecture: Architecture;
  /** By the names of `followShapes`. */
  readonly arrays: readonly NamedArray[];
  /** SHA-256 of the weights. */
  readonly sha256: string;
}

const maxWeightsBytes = 1024 * 1024 * 1024;

/**
 * Writes a model as stock tfjs reads it: a weights file of its own name, then `model.json`, whose rename is the commit,
 * then `metadata.json`. Whoever reads meanwhile gets the old model or the new one, whole: the metadata stands in
 * `model.json` too, for the moment, or the crash, between the two.
 */
export async function saveModel(
  model: Model,
  folder: string,
  given: Omit<Metadata, 'weightsSha256'>,
): Promise<void> {
  const weights = Buffer.concat(readWeights(model).map(({ values }) => Buffer.from(values.buffer)));
  const metadata: Metadata = { ...given, weightsSha256: hashOf(weights) };
  const weightsFile = `weights-${metadata.weightsSha256.slice(0, 12)}.bin`;
  const modelJson = { ...(await describeModel(model, weightsFile)), userDefinedMetadata: metadata };
  writeFileAtomic(nodePath.join(folder, weightsFile), weights);
  writeFileAtomic(nodePath.join(folder, 'model.json'), `${JSON.stringify(modelJson, undefined, 1)}\n`);
  writeFileAtomic(nodePath.join(folder, 'metadata.json'), `${JSON.stringify(metadata, undefined, 2)}\n`);
  removeOldWeights(folder, weightsFile);
}

/**
 * Loads a model folder. Only known layers are built, only plain files inside the folder are opened.
 *
 * @throws TrainerError as `loadStoredModel` says.
 */
export function loadModel(folder: string): SavedModel {
  const { architecture, arrays, sha256: _, ...described } = loadStoredModel(folder);
  const model = buildModel(architecture);
  writeWeights(model, arrays);
  return { model, ...described };
}

/**
 * Loads what a model folder holds, without TensorFlow.
 *
 * @throws TrainerError `E_NO_INPUT`, `E_MODEL_FORMAT`, `E_MODEL_VERSION`, `E_MODEL_PATH` or `E_CHECKSUM`.
 */
export function loadStoredModel(folder: string): StoredModel {
  refuseForeignModel(folder);
  // A training that saves meanwhile may remove the weights between the two reads: then a newer model.json names others.
  let missing: string | undefined;
  for (;;) {
    try {
      return loadOnce(folder);
    } catch (error) {
      if (!(error instanceof TrainerError) || error.code !== 'E_NO_INPUT' || error.path === missing)
        throw error;
      missing = error.path;
    }
  }
}

function loadOnce(folder: string): StoredModel {
  const file = nodePath.join(folder, 'model.json');
  const { topology: given, paths, specs, userDefinedMetadata } = readModelJson(file);
  const topology = parseTopology(given);
  const places = placeWeights(topology, specs, file);
  const bytes = readWeightsFiles(folder, paths, countWeightBytes(topology, specs));
  const sha256 = hashOf(bytes);
  checkHash(folder, paths, sha256);
  const arrays = cutWeights(places, bytes);
  const metadata = findMetadata(sha256, [
    () => loadMetadata(folder),
    () => parseOwnMetadata(userDefinedMetadata, file),
  ]);
  const architecture: Architecture = {
    name: metadata?.architecture ?? 'unnamed',
    pixels: metadata?.input ?? topology.pixels ?? { scale: 1 / 255, offset: 0 },
    validation: 0,
    task: topology.task,
    layers: topology.layers,
  };
  const stored = { architecture, arrays, sha256 };
  return metadata === undefined
    ? { ...stored, assumed: describeAssumptions(topology) }
    : { ...stored, metadata };
}

/** What nothing in the file says, and what was left out, in one line. */
function describeAssumptions({ pixels, endedInSoftmax }: Topology): string {
  const input =
    pixels === undefined
      ? 'it is assumed to take pixels from 0 (paper) to 1 (ink)'
      : 'its own first layer scales the pixels';
  return `another tool's model: ${input}${endedInSoftmax ? '; its last softmax is applied here' : ''}`;
}

/** Holds weights that we saved against the hash in their file's name; other tools name theirs otherwise. @throws TrainerError `E_CHECKSUM`. */
function checkHash(folder: string, [name = '', ...more]: readonly string[], sha256: string): void {
  const expected = ownName.exec(name)?.[1];
  if (expected === undefined || more.length > 0 || sha256.startsWith(expected)) return;
  throw new TrainerError(
    'E_CHECKSUM',
    `cannot read ${name}: its SHA-256 begins with ${sha256.slice(0, expected.length)}, not with ${expected} as when it was saved`,
    {
      path: nodePath.join(folder, name),
      expected,
      actual: sha256,
      hint: 'The file was probably damaged, or changed by another program.',
    },
  );
}

const ownName = /^weights-([0-9a-f]{12})\.bin$/;

/** The first metadata that is of these very weights. */
function findMetadata(
  sha256: string,
  sources: readonly (() => Metadata | undefined)[],
): Metadata | undefined {
  for (const load of sources) {
    const metadata = load();
    if (metadata?.weightsSha256 === sha256) return metadata;
  }
  return undefined;
}

/** A model folder's `metadata.json`, `undefined` where there is none. @throws TrainerError as `parseMetadata` says. */
export function loadMetadata(folder: string): Metadata | undefined {
  const file = nodePath.join(folder, 'metadata.json');
  if (!fs.existsSync(file)) return undefined;
  const text = readFileCapped(file, maxJsonBytes, 'E_MODEL_FORMAT').toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new TrainerError('E_MODEL_FORMAT', 'cannot read metadata.json: it is not JSON', { path: file });
  }
  return parseMetadata(value, file);
}

/** What another tool left in that place is not ours. */
function parseOwnMetadata(value: unknown, file: string): Metadata | undefined {
  const isOwn = typeof value === 'object' && value !== null && 'weightsSha256' in value;
  return isOwn ? parseMetadata(value, file) : undefined;
}

/** The weights files one after the other, which must be `sizeBytes` together: checked before each is read. */
function readWeightsFiles(folder: string, names: readonly string[], sizeBytes: number): Buffer {
  const path = nodePath.join(folder, 'model.json');
  const fail = (count: number) =>
    new TrainerError(
      'E_MODEL_FORMAT',
      `cannot read the weights: ${formatCount(count)} bytes, expected ${formatCount(sizeBytes)}`,
      { path, expected: String(sizeBytes), actual: String(count) },
    );
  const files = names.map((name) => findWeightsFile(folder, name));
  const found = files.reduce(
    (sum, file) => sum + (fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
  if (found > sizeBytes || sizeBytes > maxWeightsBytes) throw fail(found);
  const bytes = Buffer.concat(files.map((file) => readFileCapped(file, sizeBytes, 'E_MODEL_FORMAT')));
  if (bytes.length !== sizeBytes) throw fail(bytes.length);
  return bytes;
}

/** A weights file's path where its name is a plain one and no link or device hides behind it. */
function findWeightsFile(folder: string, name: string): string {
  const file = nodePath.join(folder, name);
  const isPlain = name !== '' && name !== '.' && name !== '..' && !/[/\\\0]/.test(name);
  const status = isPlain ? fs.lstatSync(file, { throwIfNoEntry: false }) : undefined;
  const fault =
    !isPlain || status?.isSymbolicLink()
      ? 'leaves the model folder'
      : status && !status.isFile()
        ? 'is not a regular file'
        : undefined;
  if (fault === undefined) return file;
  throw new TrainerError(
    'E_MODEL_PATH',
    `cannot read model.json: the weights path "${escapeText(name)}" ${fault}`,
    { path: nodePath.join(folder, 'model.json') },
  );
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Removes the weights of earlier saves; that one cannot be found or removed harms nobody. */
function removeOldWeights(folder: string, kept: string): void {
  let names: readonly string[];
  try {
    names = fs.readdirSync(folder);
  } catch {
    return;
  }
  for (const name of names) {
    if (ownName.test(name) && name !== kept) removeIfThere(nodePath.join(folder, name));
  }
}
