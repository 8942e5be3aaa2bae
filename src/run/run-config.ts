import fs from 'node:fs';
import os from 'node:os';
import nodePath from 'node:path';
import { z } from 'zod';
import type { ConfigFile } from '../config/config-file.ts';
import { flagName, type OptionTable } from '../config/options.ts';
import { errnoOf, escapeText, TrainerError } from '../core/errors.ts';
import { readFileCapped, writeFileAtomic } from '../core/files.ts';
import { checkFormat } from '../core/format-version.ts';

const optionValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);

/** What `config.json` in a model folder says of its run. */
const runConfigSchema = z.object({
  format: z.literal(1),
  createdAt: z.string(),
  /** Every option of the run, by its key in the option table. */
  options: z.record(z.string(), optionValue),
  /** The options of `options` that name files and folders, relative to this folder: so they hold wherever a command is called. */
  paths: z.record(z.string(), z.string()).optional(),
  /** The network where `--arch` named a file, as it stood there. */
  architecture: z.unknown().optional(),
  /** The model that the run started from, where it did not start with random weights. */
  init: z.object({ folder: z.string(), sha256: z.string() }).optional(),
  data: z.object({
    train: z.object({ images: z.number(), sha256: z.string() }),
    test: z.object({ images: z.number(), sha256: z.string() }),
  }),
  versions: z.record(z.string(), z.string()),
  machine: z.record(z.string(), z.union([z.string(), z.number()])),
  /** A line each time the run was resumed. */
  resumed: z.array(
    z.object({
      at: z.string(),
      step: z.number(),
      versions: z.record(z.string(), z.string()),
      machine: z.record(z.string(), z.union([z.string(), z.number()])),
      /** Whether the epochs without a better score were counted from zero from here on. */
      forgetsWaiting: z.boolean().optional(),
    }),
  ),
});

export type RunConfig = z.infer<typeof runConfigSchema>;

const maxSizeBytes = 16 * 1024 * 1024;

/** Writes `config.json` into a model folder. */
export function writeRunConfig(folder: string, config: RunConfig): void {
  writeFileAtomic(nodePath.join(folder, 'config.json'), `${JSON.stringify(config, undefined, 2)}\n`);
}

/** Whether a model folder holds a run, finished or not. */
export function hasRun(folder: string): boolean {
  return fs.existsSync(nodePath.join(folder, 'config.json'));
}

/** Reads a model folder's `config.json`. @throws TrainerError `E_NO_CHECKPOINT` where there is no run, `E_MODEL_FORMAT`. */
export function readRunConfig(folder: string): RunConfig {
  const path = nodePath.join(folder, 'config.json');
  let text: string;
  try {
    text = readFileCapped(path, maxSizeBytes, 'E_MODEL_FORMAT').toString('utf8');
  } catch (error) {
    if (!(error instanceof TrainerError) || !isMissing(error)) throw error;
    throw new TrainerError('E_NO_CHECKPOINT', `no run to resume in ${escapeText(folder)}`, {
      path,
      hint: 'Start one:',
      retryWith: { resume: undefined, ...(folder === 'models/net' ? {} : { out: folder }) },
      cause: error,
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new TrainerError('E_MODEL_FORMAT', 'cannot read config.json: it is not JSON', { path });
  }
  checkFormat(value, { file: path, key: 'format' });
  const parsed = runConfigSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new TrainerError(
    'E_MODEL_FORMAT',
    `cannot read config.json: ${escapeText(issue?.path.join('.') || 'it')}: ${issue?.message}`,
    { path },
  );
}

/** The options of a run in the form that they are stored in. */
export function toStoredOptions(values: Readonly<Record<string, unknown>>): RunConfig['options'] {
  return z
    .record(z.string(), optionValue)
    .parse(Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)));
}

/** A run's stored options as a source for `resolveOptions`, in place of config file and environment. */
export function asOptionSource(folder: string, config: RunConfig, table: OptionTable): ConfigFile {
  const toText = (key: string, value: unknown) =>
    findPath(folder, config.paths?.[key]) ?? table[key]?.format?.(value) ?? String(value);
  const entries = Object.entries(config.options)
    .filter(([key]) => Object.hasOwn(table, key))
    .map(([key, value]) => [key, { text: toText(key, value), place: 'config.json' }] as const)
    .filter(([, { text }]) => text !== '');
  return { path: nodePath.join(folder, 'config.json'), entries: new Map(entries), origin: 'run' };
}

/** The paths among a run's options, each relative to the model folder. */
export function toStoredPaths(
  table: OptionTable,
  values: Readonly<Record<string, unknown>>,
  folder: string,
): Readonly<Record<string, string>> {
  const isStored = ([key, value]: readonly [string, unknown]) => {
    const option = table[key];
    if (option?.isPath !== true || typeof value !== 'string' || value === '') return false;
    return option.words?.includes(value) !== true && option.filePattern?.test(value) !== false;
  };
  return Object.fromEntries(
    Object.entries(values)
      .filter(isStored)
      .map(([key, value]) => [key, nodePath.relative(folder, String(value))]),
  );
}

/** A stored path as it is called from the working folder; `undefined` where nothing is there any more. */
function findPath(folder: string, stored: string | undefined): string | undefined {
  if (stored === undefined) return undefined;
  const place = nodePath.resolve(folder, stored);
  if (!fs.existsSync(place)) return undefined;
  const near = nodePath.relative('', place);
  // Beside the working folder or above it, the whole path is easier to read.
  return near.startsWith('..') ? place : near || '.';
}

/**
 * Compares the flags given to a resumed run with what the run was started with.
 *
 * @throws TrainerError `E_RESUME_MISMATCH` with each difference that would make it another run.
 */
export function checkResumedOptions(
  table: OptionTable,
  stored: RunConfig['options'],
  given: Readonly<Record<string, unknown>>,
): void {
  const changed = Object.entries(given)
    .filter(([key]) => table[key]?.changeable !== true)
    .filter(([key, value]) => String(stored[key] ?? 'not set') !== String(value));
  if (changed.length === 0) return;
  const differences = changed.map(
    ([key, value]) =>
      `--${flagName(key)}: ${escapeText(String(stored[key] ?? 'not set'))} -> ${escapeText(String(value))}`,
  );
  throw new TrainerError(
    'E_RESUME_MISMATCH',
    `cannot resume with options that differ from those the run was started with: ${differences.join(', ')}`,
    {
      hint: 'To start a new run, leave out --resume. To resume this one unchanged:',
      retryWith: Object.fromEntries(changed.map(([key]) => [key, undefined])),
    },
  );
}

/** The machine as `config.json` describes it. */
export function describeMachine(threads: number | undefined): RunConfig['machine'] {
  const cpus = os.cpus();
  return {
    platform: `${process.platform}-${process.arch}`,
    cpu: cpus[0]?.model ?? 'unknown',
    cores: cpus.length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    threads: threads ?? os.availableParallelism(),
  };
}

function isMissing({ code, cause }: TrainerError): boolean {
  return code === 'E_NO_INPUT' && ['ENOENT', 'ENOTDIR'].includes(errnoOf(cause) ?? '');
}
