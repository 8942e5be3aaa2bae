import nodePath from 'node:path';
import { z } from 'zod';
import { escapeText, TrainerError } from '../core/errors.ts';
import { readFileCapped } from '../core/files.ts';
import { maxYamlBytes, parseYaml, type YamlFile } from '../core/yaml-file.ts';
import type { Architecture } from './architectures.ts';
import { type LayerDefinition, layerKinds } from './layers/layer-kinds.ts';
import { findShapeProblem } from './shape-problem.ts';

const layerSchemas = layerKinds.map((kind) =>
  z.strictObject({ type: z.literal(kind.type), ...kind.keys(z) }),
);
type LayerSchema = (typeof layerSchemas)[number];
const layerSchema = z.discriminatedUnion('type', layerSchemas as [LayerSchema, ...LayerSchema[]]); // there is at least one kind

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
    layers: layers as readonly LayerDefinition[], // `LayerKind` holds a kind's schemas against its definition
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
    const types = layerKinds.map(({ type }) => type);
    return file.fail(`${where}: ${layer}unknown type, expected one of ${types.join(', ')}`);
  }
  if (node === undefined) return file.fail(`${where}: ${layer}${key} is missing`);
  return file.fail(`${where}: ${layer}${key}: ${issue?.message ?? 'not valid'}`);
}

/** The keys that an architecture, or the layer or the value of a layer at `path`, may have. */
function knownKeys(value: unknown, [, index, ...keys]: readonly (string | number)[]): readonly string[] {
  if (index === undefined) return Object.keys(architectureSchema.shape);
  const layers = (value as { layers?: readonly { type?: string }[] }).layers ?? []; // zod has seen this far
  const type = layers[Number(index)]?.type;
  let schema: unknown = layerSchemas.find(({ shape }) => shape.type.value === type);
  for (const key of keys) {
    const inner: unknown = schema instanceof z.ZodObject ? schema.shape[key] : undefined;
    schema = inner instanceof z.ZodOptional ? inner.unwrap() : inner;
  }
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}
