import fs from 'node:fs';
import nodePath from 'node:path';
import { loadTensorFlow } from '../backend/tf.ts';
import { integer, type OptionValues, path, paths, text, toggle } from '../config/options.ts';
import type { Origin } from '../config/resolve.ts';
import { escapeText, TrainerError } from '../core/errors.ts';
import { findArchitecture, isArchitectureFile, type Task } from '../model/architectures.ts';
import { refuseForeignModel } from '../model/foreign-model.ts';
import type { Model } from '../model/model.ts';
import type { SavedModel } from '../model/saved-model.ts';
import { openArchitecture } from './architecture-source.ts';
import { formatCommand, usageError } from './command-line.ts';
import type { Output } from './output.ts';

/** Where a model comes from: its folder, a file of weights alone, or random initialization. */
export type ModelSource =
  | { readonly type: 'folder'; readonly folder: string }
  | { readonly type: 'weights'; readonly arch: string; readonly file: string }
  | { readonly type: 'untrained'; readonly arch: string; readonly seed: number };

/** The options that name a model. */
export const modelOptions = {
  model: path({ default: 'models/net', description: 'the model folder' }),
  arch: text({
    default: undefined,
    placeholder: '<name|FILE>',
    description: 'the network for --weights or --untrained',
  }),
  weights: path({
    default: undefined,
    placeholder: '<file>',
    description: 'a weights file as written by train --save-weights, instead of a model folder',
  }),
  untrained: toggle({ description: 'use an untrained network' }),
  seed: integer({
    default: 0,
    minimum: 0,
    maximum: 2 ** 32 - 1,
    description: 'random seed for --untrained',
  }),
} as const;

/** The options of commands that average the probabilities of several models, or of an image and its shifts. */
export const averageOptions = {
  model: paths({
    default: ['models/net'],
    isFurther: (word) => fs.existsSync(nodePath.join(word, 'model.json')),
    description:
      'the model folder; folders right behind it that hold a model.json are further models, and the probabilities of all are averaged (default: models/net)',
  }),
  testShifts: toggle({
    description:
      'also look at each image shifted by one pixel to the left, right, up and down, and average the probabilities',
  }),
} as const;

/**
 * Finds out which model the options mean.
 *
 * @throws TrainerError `E_USAGE` where they contradict each other or the architecture is missing or unknown.
 */
export function findModelSource(
  options: OptionValues<typeof modelOptions>,
  origins: { readonly model: Origin; readonly arch: Origin },
  verb = 'eval',
): ModelSource {
  const { arch, weights, untrained, seed } = options;
  if (weights === undefined && !untrained) {
    // A config file's `arch` is meant for `train`.
    if (origins.arch === 'flag') {
      throw usageError(verb, '--arch needs --weights or --untrained: a model folder records its own network');
    }
    return { type: 'folder', folder: options.model };
  }
  const flag = untrained ? '--untrained' : '--weights';
  if (untrained && weights !== undefined)
    throw usageError(verb, '--untrained and --weights cannot be used together');
  if (origins.model === 'flag') throw usageError(verb, `--model and ${flag} cannot be used together`);
  if (arch === undefined) throw usageError(verb, `${flag} needs the name of the network: --arch`);
  if (!isArchitectureFile(arch)) findArchitecture(arch);
  if (weights !== undefined) return { type: 'weights', arch, file: weights };
  return { type: 'untrained', arch, seed };
}

/** Finds out which models the options mean, the first as `findModelSource` does; all others are folders. */
export function findModelSources(
  options: OptionValues<typeof modelOptions & typeof averageOptions>,
  origins: { readonly model: Origin; readonly arch: Origin },
): readonly [ModelSource, ...ModelSource[]] {
  const [first, ...others] = options.model;
  const source = findModelSource({ ...options, model: first }, origins);
  return [source, ...others.map((folder) => ({ type: 'folder' as const, folder }))];
}

/** The source in words: the folder, the file, or "untrained cnn". */
export function formatModelSource(source: ModelSource): string {
  if (source.type === 'folder') return escapeText(source.folder);
  return source.type === 'weights' ? escapeText(source.file) : `untrained ${source.arch}`;
}

/**
 * Looks whether the source is there, which takes no time: before data are fetched and TensorFlow is loaded.
 *
 * @throws TrainerError `E_NO_INPUT` with the way to a model, `E_MODEL_FORMAT` for one of another tool.
 */
export function checkModelSource(source: ModelSource): void {
  const name = formatModelSource(source);
  if (source.type === 'folder') {
    const { folder } = source;
    refuseForeignModel(folder);
    requireFile(nodePath.join(folder, 'model.json'), `no model found in ${name}: model.json does not exist`, {
      hint: 'Train one first, or name its folder with --model.',
      command: formatCommand('train', { flags: folder === 'models/net' ? {} : { out: folder } }),
    });
  } else if (source.type === 'weights') {
    requireFile(source.file, `cannot read the weights: ${name} does not exist`, {
      hint: 'Training writes them with --save-weights:',
      command: formatCommand('train', { flags: { arch: source.arch, saveWeights: source.file } }),
    });
  }
}

/** Looks whether a file of a model is there. @throws TrainerError `E_NO_INPUT` with these words, and how to get one. */
export function requireFile(
  file: string,
  message: string,
  way: { readonly hint: string; readonly command: string },
): void {
  if (!fs.existsSync(file)) throw new TrainerError('E_NO_INPUT', message, { path: file, ...way });
}

/**
 * Loads TensorFlow and builds the model. If it comes from another tool, a note says what is assumed about it.
 *
 * @throws TrainerError `E_NO_INPUT`, `E_MODEL_FORMAT` or `E_MODEL_PATH`, or as `loadTensorFlow` says.
 */
export async function openModel(source: ModelSource, output: Pick<Output, 'note'>): Promise<Model> {
  return (await openSavedModel(source, output)).model;
}

/** Like `openModel`, with the metadata of these weights if there is any; `trustOf` says how to take their scores. */
export async function openSavedModel(source: ModelSource, output: Pick<Output, 'note'>): Promise<SavedModel> {
  await loadTensorFlow();
  if (source.type === 'folder') return openFolder(source.folder, output);
  const { buildModel } = await import('../model/model.ts');
  const model = buildModel((await openArchitecture(source.arch)).architecture);
  if (source.type === 'weights') {
    const { loadWeights } = await import('../model/weights-file.ts');
    loadWeights(model, source.file);
  } else {
    const { createWeights, writeWeights } = await import('../model/weights.ts');
    writeWeights(model, createWeights(model.architecture, source.seed));
  }
  return { model };
}

async function openFolder(folder: string, output: Pick<Output, 'note'>): Promise<SavedModel> {
  // With it comes the schema library, which --help need not wait for.
  const { loadModel } = await import('../model/saved-model.ts');
  const saved = loadModel(folder);
  if (saved.assumed !== undefined) output.note(`${escapeText(folder)}: ${saved.assumed}`);
  return saved;
}

/**
 * Checks that a model does what is wanted with these pictures.
 *
 * @throws TrainerError `E_USAGE` where it reads digits and sums are wanted, or the other way.
 */
export function requireTask(
  { architecture }: Model,
  task: Task,
  { folder, pictures }: { readonly folder: string; readonly pictures: readonly string[] },
): void {
  const found = architecture.task ?? 'digit';
  if (found === task) return;
  const name = escapeText(folder);
  const isPair = pictures.length === 2;
  throw found === 'sum'
    ? new TrainerError('E_USAGE', `${name} adds two digits; it does not read a single one`, {
        hint: 'It takes two pictures:',
        command: formatCommand(
          'add',
          isPair ? { operands: pictures, flags: { model: folder } } : { flags: { help: true } },
        ),
      })
    : new TrainerError('E_USAGE', `${name} reads one digit; it does not add two`, {
        hint: 'To see what it reads in each of them:',
        command: formatCommand('predict', { operands: pictures, flags: { model: folder } }),
      });
}
