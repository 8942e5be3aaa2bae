import fs from 'node:fs';
import nodePath from 'node:path';
import { errnoOf, TrainerError } from '../core/errors.ts';
import { fileError, listNames, readFileCapped, removeIfThere } from '../core/files.ts';
import { decodeTensorFile, encodeTensorFile, type NamedArray } from '../core/tensor-file.ts';

const maxSizeBytes = 1024 * 1024 * 1024;
const pattern = /^step-(\d{6,12})\./;

/** The name of what belongs to a step: `step-000050`. */
export function stepName(step: number): string {
  return `step-${String(step).padStart(6, '0')}`;
}

/**
 * Keeps the weights of a step in a folder that is there, to draw its picture after the training. Unlike a checkpoint the file is not
 * synced, which would slow the training: after a power cut a picture may be missing, and its file's hash says so.
 *
 * @throws TrainerError `E_DISK_FULL` or `E_IO`.
 */
export function keepWeights(folder: string, step: number, arrays: readonly NamedArray[]): void {
  const file = fileOf(folder, step);
  try {
    fs.writeFileSync(file, encodeTensorFile({ header: { kind: 'weights', step }, arrays }));
  } catch (error) {
    // Whoever removed the model folder is answered by the run itself; recreated here it would look as if it were there.
    if (errnoOf(error) === 'ENOENT') return;
    throw fileError(error, 'write', file);
  }
}

/** The weights kept of a step. @throws TrainerError `E_MODEL_FORMAT` where the file is damaged. */
export function loadKeptWeights(folder: string, step: number): readonly NamedArray[] {
  const file = fileOf(folder, step);
  const { header, arrays } = decodeTensorFile(readFileCapped(file, maxSizeBytes, 'E_MODEL_FORMAT'), file);
  if (header['kind'] === 'weights' && header['step'] === step) return arrays;
  throw new TrainerError(
    'E_MODEL_FORMAT',
    `cannot read ${nodePath.basename(file)}: it does not hold the weights of this step`,
    {
      path: file,
    },
  );
}

/** The steps that a folder keeps something of, rising. */
export function listKeptSteps(folder: string): readonly number[] {
  return listSteps(folder, '.tensors');
}

/** The steps that a folder has files of with this ending, rising; none where it does not exist. */
export function listSteps(folder: string, ending: string): readonly number[] {
  const steps = listNames(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => Number(pattern.exec(name)?.[1]));
  return steps.filter((step) => !Number.isNaN(step)).sort((left, right) => left - right);
}

/** Removes what is kept of a step. */
export function dropKeptWeights(folder: string, step: number): void {
  removeIfThere(fileOf(folder, step));
}

/** Removes all files of later steps than this one: a run that resumes here makes them again. */
export function forgetLaterSteps(folder: string, step: number): void {
  for (const name of listNames(folder)) {
    if (Number(pattern.exec(name)?.[1]) > step) removeIfThere(nodePath.join(folder, name));
  }
}

function fileOf(folder: string, step: number): string {
  return nodePath.join(folder, `${stepName(step)}.tensors`);
}
