import fs from 'node:fs';
import nodePath from 'node:path';
import { z } from 'zod';
import { isAlive } from '../../setup/owner.mjs';
import { errnoOf, escapeText, formatErrno, TrainerError } from '../core/errors.ts';
import {
  createFolder,
  fileError,
  listNames,
  readFileCapped,
  removeIfThere,
  writeFileAtomic,
} from '../core/files.ts';
import { decodeTensorFile, encodeTensorFile, findNonFinite, type NamedArray } from '../core/tensor-file.ts';
import type { TrainingState } from '../train/events.ts';
import { stepName } from './kept-weights.ts';

/** A checkpoint that could not be used, and why. */
export interface SkippedCheckpoint {
  readonly file: string;
  readonly reason: string;
}

/** The newest checkpoint that can be used, and those that were skipped. */
export interface LoadedCheckpoint {
  readonly state: TrainingState;
  readonly file: string;
  readonly skipped: readonly SkippedCheckpoint[];
}

const maxSizeBytes = 4 * 1024 * 1024 * 1024 - 1;
const pattern = /^step-(\d{6,12})\.ckpt$/;

const headerSchema = z.object({
  kind: z.literal('checkpoint'),
  step: z.number().int().nonnegative(),
  elapsedMs: z.number().nonnegative(),
  best: z.object({ step: z.number().int().nonnegative(), loss: z.number(), accuracy: z.number() }).optional(),
  plateau: z.object({ share: z.number().positive(), fellAt: z.number().int().positive() }).optional(),
});

/**
 * Saves a state as one file of its own, durable before this returns; only then are older ones removed, but never the
 * best, nor the newest `keep`.
 *
 * @throws TrainerError `E_DISK_FULL` or `E_IO`, naming the checkpoint that is still good; what was there before still is.
 */
export function saveCheckpoint(folder: string, state: TrainingState, keep: number): string {
  const name = checkpointName(state.step);
  const { step, elapsedMs, best, plateau } = state;
  const arrays = [...prefixed('weights', state.weights), ...prefixed('optimizer', state.optimizer)];
  try {
    createFolder(folder);
    writeFileAtomic(
      nodePath.join(folder, name),
      encodeTensorFile({
        header: { kind: 'checkpoint', step, elapsedMs, ...(best && { best }), ...(plateau && { plateau }) },
        arrays,
      }),
    );
  } catch (error) {
    throw error instanceof TrainerError ? lostCheckpoint(error, folder) : error;
  }
  prune(folder, keep, best?.step);
  return name;
}

/**
 * Loads the newest checkpoint that is whole; damaged ones are skipped and named. One that a newer version has
 * written, or that the disk does not give, is not damaged: resuming from an older one would lose it.
 *
 * @throws TrainerError `E_NO_CHECKPOINT` where there is none, the error of the newest where none is whole.
 */
export function loadNewestCheckpoint(folder: string): LoadedCheckpoint {
  return loadNewest(folder, { isSecondLook: false });
}

function loadNewest(folder: string, { isSecondLook }: { readonly isSecondLook: boolean }): LoadedCheckpoint {
  const skipped: SkippedCheckpoint[] = [];
  let firstError: unknown;
  for (const step of listSteps(folder).toReversed()) {
    const file = nodePath.join(folder, checkpointName(step));
    try {
      return { state: loadCheckpoint(file), file, skipped };
    } catch (error) {
      // One that was removed since it was listed had to make room for a newer one.
      if (hasVanished(error) && !isSecondLook) return loadNewest(folder, { isSecondLook: true });
      if (!isDamage(error)) throw error;
      firstError ??= error;
      skipped.push({ file, reason: formatErrno(error) });
    }
  }
  if (firstError !== undefined) throw firstError;
  throw new TrainerError('E_NO_CHECKPOINT', 'there is no checkpoint to resume from', { path: folder });
}

/** Loads the checkpoint of one step. */
export function loadCheckpointAt(folder: string, step: number): TrainingState {
  return loadCheckpoint(nodePath.join(folder, checkpointName(step)));
}

/** Marks damaged checkpoints as such, so that they are kept but not tried again. Only the owner of the lock may. */
export function setAside(skipped: readonly SkippedCheckpoint[]): void {
  for (const { file } of skipped) {
    try {
      fs.renameSync(file, `${file}.bad`);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw fileError(error, 'rename', file);
    }
  }
}

/** Whether a file's name is that of a temp file of `writeFileAtomic`. */
export function isTempName(name: string): boolean {
  return tempName.test(name);
}

const tempName = /\.tmp-(\d+)-[0-9a-f]+$/;

/** Removes temp files whose process is gone. */
export function removeOrphans(folder: string): void {
  for (const name of listNames(folder)) {
    const pid = tempName.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) removeIfThere(nodePath.join(folder, name));
  }
}

function loadCheckpoint(file: string): TrainingState {
  const name = nodePath.basename(file);
  const fail = (what: string) =>
    new TrainerError('E_MODEL_FORMAT', `cannot read ${name}: ${what}`, { path: file });
  const { header, arrays } = decodeTensorFile(readFileCapped(file, maxSizeBytes, 'E_MODEL_FORMAT'), file);
  const parsed = headerSchema.safeParse(header);
  if (!parsed.success) throw fail('it is not a checkpoint');
  const nonFinite = findNonFinite(arrays);
  if (nonFinite !== undefined) throw fail(nonFinite);
  const stranger = arrays.find((array) => !/^(weights|optimizer)\/./.test(array.name));
  if (stranger !== undefined) throw fail(`it has an unknown array ${escapeText(stranger.name)}`);
  const { step, elapsedMs, best, plateau } = parsed.data;
  return {
    step,
    elapsedMs,
    weights: unprefixed('weights', arrays),
    optimizer: unprefixed('optimizer', arrays),
    ...(best && { best }),
    ...(plateau && { plateau }),
  };
}

/** Whether another checkpoint should be tried: this one is damaged, not a file, or missing. */
function isDamage(error: unknown): boolean {
  if (!(error instanceof TrainerError)) return false;
  if (error.code === 'E_MODEL_FORMAT' || hasVanished(error)) return true;
  return error.code === 'E_NO_INPUT' && errnoOf(error.cause) === undefined;
}

function hasVanished(error: unknown): boolean {
  return error instanceof TrainerError && errnoOf(error.cause) === 'ENOENT';
}

/** A failed save, reported with what is left. Work has begun by then, so that no permission problem is a matter of setup. */
function lostCheckpoint(error: TrainerError, folder: string): TrainerError {
  return new TrainerError(error.code === 'E_DISK_FULL' ? error.code : 'E_IO', error.message, {
    ...(error.path === undefined ? {} : { path: error.path }),
    hint: describeRest(folder),
    cause: error.cause,
  });
}

function describeRest(folder: string): string {
  try {
    const step = listSteps(folder).at(-1);
    return step === undefined
      ? 'No checkpoint has been saved yet.'
      : `The checkpoint of step ${step} is still good.`;
  } catch {
    // The first error is the one to report.
    return 'Earlier checkpoints are unchanged.';
  }
}

function checkpointName(step: number): string {
  return `${stepName(step)}.ckpt`;
}

function listSteps(folder: string): readonly number[] {
  return listNames(folder)
    .map((name) => Number(pattern.exec(name)?.[1]))
    .filter((step) => !Number.isNaN(step))
    .sort((left, right) => left - right);
}

function prune(folder: string, keep: number, bestStep: number | undefined): void {
  const old = listSteps(folder).slice(0, -Math.max(keep, 2));
  for (const step of old) {
    if (step !== bestStep) removeIfThere(nodePath.join(folder, checkpointName(step)));
  }
}

function prefixed(prefix: string, arrays: readonly NamedArray[]): readonly NamedArray[] {
  return arrays.map((array) => ({ ...array, name: `${prefix}/${array.name}` }));
}

function unprefixed(prefix: string, arrays: readonly NamedArray[]): readonly NamedArray[] {
  const start = `${prefix}/`;
  return arrays
    .filter(({ name }) => name.startsWith(start))
    .map((array) => ({ ...array, name: array.name.slice(start.length) }));
}
