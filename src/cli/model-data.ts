import fs from 'node:fs';
import nodePath from 'node:path';
import type { OptionValues } from '../config/options.ts';
import { resolveOptions } from '../config/resolve.ts';
import { dataOptions } from '../config/train-options.ts';
import { escapeText, TrainerError } from '../core/errors.ts';
import { formatCount } from '../core/files.ts';
import type { LoadedExamples } from '../data/load-examples.ts';
import type { CommandContext } from './command.ts';
import { repeatCommand } from './command-line.ts';
import { loadWithProgress } from './download-progress.ts';
import { runInterruptible } from './interrupt.ts';
import type { Output } from './output.ts';

type DataValues = OptionValues<typeof dataOptions>;

/** What a command that measures a model is called with, as far as its data depend on it. */
export type DataContext = Pick<
  CommandContext<typeof dataOptions>,
  'verb' | 'operands' | 'options' | 'flags' | 'output'
>;

/** What a model folder records of the data that its model was trained on. */
interface OwnData {
  readonly folder: string;
  /** As the options of a call that is given these flags, and nothing else. */
  readonly options: DataValues;
  /** Number and hash of the test images; models of the first versions and of other tools lack them. */
  readonly test: { readonly images: number; readonly sha256: string } | undefined;
}

/** The examples that a model is to be measured on. */
export interface ModelExamples extends LoadedExamples {
  /** What they are called: `mnist`, `synthetic` or a path. */
  readonly dataset: string;
  /** What the model was trained on, where that is something else. */
  readonly trainedOn: string | undefined;
}

/**
 * Loads the data that a model was trained on, or what the flags name instead, which is said; `undefined` where a signal
 * came. The model's own options stand in for variables, config file and defaults, as they do in a resumed run.
 */
export async function loadModelExamples(
  folder: string | undefined,
  context: DataContext,
): Promise<ModelExamples | undefined> {
  const { output } = context;
  const own = folder === undefined ? undefined : await readOwnData(folder, context);
  const options = own === undefined ? context.options : chooseOptions(own, context);
  const loaded = await runInterruptible(output, 'Stopping.', (signal) =>
    loadWithProgress(options, output, signal),
  ).catch((error: unknown) => {
    throw own === undefined ? error : explainMissing(error, own, context);
  });
  if (loaded === undefined) return undefined;
  const { dataset } = options;
  const isOwn = own === undefined || noteOtherData(own, { dataset, test: loaded.test }, output);
  return { ...loaded, dataset, trainedOn: isOwn ? undefined : own.options.dataset };
}

/** Says where another model was trained on other data than these, which it is about to be measured on. */
export async function noteDataOf(
  folder: string,
  examples: ModelExamples,
  context: DataContext,
): Promise<void> {
  const own = await readOwnData(folder, context);
  if (own !== undefined) noteOtherData(own, examples, context.output);
}

async function readOwnData(folder: string, context: DataContext): Promise<OwnData | undefined> {
  try {
    return (await readFromRun(folder)) ?? (await readFromMetadata(folder, context));
  } catch (error) {
    if (!(error instanceof TrainerError)) throw error;
    context.output.warn(`cannot tell what ${escapeText(folder)} was trained on: ${error.message}`);
    return undefined;
  }
}

async function readFromRun(folder: string): Promise<OwnData | undefined> {
  // With it comes the schema library, which --help need not wait for.
  const { asOptionSource, hasRun, readRunConfig } = await import('../run/run-config.ts');
  if (!hasRun(folder)) return undefined;
  const stored = readRunConfig(folder);
  const file = asOptionSource(folder, stored, dataOptions);
  const { values } = resolveOptions(dataOptions, { flags: {}, environment: {}, file });
  return { folder, options: values, test: stored.data.test };
}

/** A model without its run knows the data by name. */
async function readFromMetadata(folder: string, { options }: DataContext): Promise<OwnData | undefined> {
  const { loadMetadata } = await import('../model/saved-model.ts');
  const trained = loadMetadata(folder)?.trained;
  if (trained === undefined) return undefined;
  const { dataset, transpose = false, data } = trained;
  return { folder, options: { ...options, dataset, transpose }, test: data?.test };
}

/** The model's own data, but for what the flags of this call say. Where MNIST lies is this call's affair where the run's folder is gone. */
function chooseOptions(own: OwnData, { options, flags }: DataContext): DataValues {
  const given = Object.fromEntries(Object.entries(options).filter(([key]) => Object.hasOwn(flags, key)));
  const { dataset, dataDir, mirror, offline, transpose } = options;
  const isThere = fs.existsSync(own.options.dataDir);
  // Other data lie as this call says.
  const isOther = given['dataset'] !== undefined && !isSameDataset(dataset, own.options.dataset);
  return {
    ...own.options,
    ...(isOther && { transpose }),
    ...(isThere ? { offline } : { dataDir, mirror, offline }),
    ...given,
  };
}

/** Reports data other than the model's own; returns whether the data are the model's own. */
function noteOtherData(
  own: OwnData,
  { dataset, test }: Pick<ModelExamples, 'dataset' | 'test'>,
  output: Output,
): boolean {
  const name = escapeText(own.folder);
  const isSameName = isSameDataset(dataset, own.options.dataset);
  if (own.test === undefined ? isSameName : own.test.sha256 === test.sha256) return true;
  if (!isSameName || own.test === undefined) {
    output.note(
      `measuring on ${escapeText(dataset)}; ${name} was trained on ${escapeText(own.options.dataset)}`,
    );
    return false;
  }
  output.warn(
    `${escapeText(dataset)} now holds different test images than when ${name} was trained: ${formatSet(test.count, test.sha256)}, then ${formatSet(own.test.images, own.test.sha256)}`,
  );
  return false;
}

/** Where the model's own data are gone, the call did not name them: the words say where they come from. */
function explainMissing(error: unknown, { folder, options }: OwnData, context: DataContext): unknown {
  const isNamed = context.flags['dataset'] !== undefined || ['mnist', 'synthetic'].includes(options.dataset);
  const isMissing = error instanceof Error && 'code' in error && error.code === 'E_NO_INPUT';
  if (isNamed || !isMissing) return error;
  return new TrainerError('E_NO_INPUT', error.message, {
    path: options.dataset,
    hint: `${escapeText(folder)} was trained on the data in that place. Restore them, or name other data with --dataset:`,
    command: repeatCommand(context, { dataset: 'mnist' }),
    cause: error,
  });
}

function isSameDataset(one: string, other: string): boolean {
  return one === other || nodePath.resolve(one) === nodePath.resolve(other);
}

function formatSet(images: number, sha256: string): string {
  return `${formatCount(images)} images with SHA-256 ${sha256.slice(0, 12)}`;
}
