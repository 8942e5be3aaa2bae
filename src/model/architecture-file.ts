import nodePath from 'node:path';
import { z } from 'zod';
import { escapeText, TrainerError } from '../core/errors.ts';
import { readFileCapped } from '../core/files.ts';
import { maxYamlBytes, parseYaml, type YamlFile } from '../core/yaml-file.ts';
import type { Architecture, LayerDefinition } from './architectures.ts';
import { findShapeProblem } from './shape-problem.ts';

const count = z.number().int().min(1).max(100_000);
const activation = z.enum(['relu', 'sigmoid', 'tanh']);
const initializer = z.strictObject({
  type: z.literal('normal'),
  standardDeviation: z.number().positive().max(1000),
});
const pool = { poolSize: count, strides: count.optional() };

const layerSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('conv2d'),
    filters: count,
    kernelSize: count,
    padding: z.union([z.enum(['same', 'valid']), z.number().int().min(0).max(100)]).default('valid'),
    strides: count.optional(),
    dilationRate: count.optional(),
    groups: count.optional(),
    activation: activation.optional(),
    useBias: z.boolean().optional(),
    initializer: initializer.optional(),
  }),
  z.strictObject({ type: z.literal('maxPooling2d'), ...pool }),
  z.strictObject({ type: z.literal('averagePooling2d'), ...pool }),
  z.strictObject({ type: z.literal('flatten') }),
  z.strictObject({
    type: z.literal('dense'),
    units: count,
    activation: activation.optional(),
    useBias: z.boolean().optional(),
    initializer: initializer.optional(),
  }),
  z.strictObject({ type: z.literal('activation'), activation }),
  z.strictObject({ type: z.literal('batchNormalization') }),
  z.strictObject({ type: z.literal('dropout'), rate: z.number().min(0).max(0.99) }),
]);

const architectureSchema = z.strictObject({
  name: z.string().min(1).max(100).optional(),
  task: z.enum(['digit', 'sum']).optional(),
  /** What paper and ink become. */
  pixels: z.tuple([z.number(), z.number()]).default([0, 1]),
  validation: z.number().int().min(0).max(59_999).default(0),
  layers: z.array(layerSchema).min(1).max(100),
});

/** An architecture from a file, and the value that stood there, from which it can be built again. */
export interface LoadedArchitecture {
  readonly architecture: Architecture;
  readonly source: unknown;
}

/**
 * Loads an architecture from a JSON or YAML file: name, pixels, layers in the words of `LayerDefinition`.
 *
 * @throws TrainerError `E_NO_INPUT`, or `E_MODEL_FORMAT` with the line of the first unknown or misplaced entry.
 */
export async function loadArchitectureFile(path: string): Promise<LoadedArchitecture> {
  const file = await parseYaml(path, readFileCapped(path, maxYamlBytes, 'E_MODEL_FORMAT'), 'E_MODEL_FORMAT');
  const source = toValue(file);
  const parsed = architectureSchema.safeParse(source);
  if (!parsed.success) throw explainIssue(file, source, parsed.error.issues);
  const architecture = toArchitecture(parsed.data, nodePath.parse(path).name);
  const problem = findShapeProblem(architecture);
  if (problem !== undefined) throw file.fail(`${escapeText(nodePath.basename(path))}: ${problem}`);
  return { architecture, source: { ...parsed.data, name: architecture.name } };
}

/** Builds an architecture again from what `loadArchitectureFile` gave as its source. @throws TrainerError `E_MODEL_FORMAT`. */
export function restoreArchitecture(source: unknown): Architecture {
  const parsed = architectureSchema.safeParse(source);
  const architecture = parsed.success ? toArchitecture(parsed.data, 'unnamed') : undefined;
  const problem = architecture === undefined ? 'it is not an architecture' : findShapeProblem(architecture);
  if (architecture !== undefined && problem === undefined) return architecture;
  throw new TrainerError('E_MODEL_FORMAT', `cannot read the stored architecture: ${problem}`);
}

function toArchitecture(given: z.infer<typeof architectureSchema>, fileName: string): Architecture {
  const { name = fileName, pixels, validation, layers, task } = given;
  const [paper, ink] = pixels;
  return {
    name,
    ...(task === undefined ? {} : { task }),
    pixels: { scale: (ink - paper) / 255, offset: paper },
    validation,
    layers: layers.map(withoutGaps),
  };
}

/** Without anchors: a short file must not become a long one. */
function toValue({ document, fail, place }: YamlFile): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    throw fail(`${place(0)}: ${escapeText(error instanceof Error ? error.message : String(error))}`);
  }
}

type Issue = z.core.$ZodIssue;

/** Says where in the file which entry is wrong, and what is known there. */
function explainIssue(file: YamlFile, value: unknown, issues: readonly Issue[]): TrainerError {
  // A misspelt key explains the one that is missing.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  const path = issue?.path.map((part) => (typeof part === 'symbol' ? '' : part)) ?? [];
  const node: unknown = file.document.getIn(path, true);
  const around = node === undefined ? file.document.getIn(path.slice(0, -1), true) : node;
  const range = typeof around === 'object' && around !== null && 'range' in around ? around.range : undefined;
  const where = file.place(Array.isArray(range) ? Number(range[0]) : 0);
  const layer = path[0] === 'layers' && typeof path[1] === 'number' ? `layer ${path[1] + 1}: ` : '';
  const key = path.filter((part) => typeof part === 'string' && part !== 'layers').join('.') || 'layers';
  if (issue?.code === 'unrecognized_keys') {
    const known = knownKeys(value, path);
    const [first = ''] = issue.keys;
    return file.fail(
      `${where}: ${layer}unknown key "${escapeText(first)}", expected one of ${known.join(', ')}`,
    );
  }
  if (issue?.code === 'invalid_union' && key === 'type') {
    const types = layerSchema.options.map(({ shape }) => shape.type.value);
    return file.fail(`${where}: ${layer}unknown type, expected one of ${types.join(', ')}`);
  }
  if (node === undefined) return file.fail(`${where}: ${layer}${key} is missing`);
  return file.fail(`${where}: ${layer}${key}: ${issue?.message ?? 'not valid'}`);
}

/** The keys that an architecture, or the layer at `path`, may have. */
function knownKeys(value: unknown, path: readonly (string | number)[]): readonly string[] {
  if (path.length === 0) return Object.keys(architectureSchema.shape);
  if (path.includes('initializer')) return Object.keys(initializer.shape);
  const layers = (value as { layers?: readonly { type?: string }[] }).layers ?? []; // zod has seen this far
  const type = layers[Number(path[1])]?.type;
  const found = layerSchema.options.find(({ shape }) => shape.type.value === type);
  return Object.keys(found?.shape ?? {});
}

/** A layer without the keys that were not given: `exactOptionalPropertyTypes` distinguishes them from undefined ones. */
function withoutGaps(layer: z.infer<typeof layerSchema>): LayerDefinition {
  return Object.fromEntries(
    Object.entries(layer).filter(([, value]) => value !== undefined),
  ) as LayerDefinition; // the schema's keys and values
}
