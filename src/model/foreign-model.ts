import fs from 'node:fs';
import nodePath from 'node:path';
import { escapeText, TrainerError } from '../core/errors.ts';
import { fileError } from '../core/files.ts';
import { describeStranger } from '../core/tensor-file.ts';

/** Names models that other tools have written, which are not run. @throws TrainerError `E_MODEL_FORMAT` for one, `E_NO_INPUT`. */
export function refuseForeignModel(folder: string): void {
  const kind = describeForeignModel(folder);
  if (kind === undefined) return;
  throw new TrainerError(
    'E_MODEL_FORMAT',
    `cannot read ${escapeText(nodePath.basename(folder))} as a model: it is ${kind}, expected a folder with a model.json`,
    { path: folder },
  );
}

function describeForeignModel(folder: string): string | undefined {
  if (isFile(folder)) return describeStranger(readStart(folder)) ?? 'a file';
  const has = (name: string) => fs.existsSync(nodePath.join(folder, name));
  return has('saved_model.pb') && !has('model.json') ? 'a SavedModel of TensorFlow' : undefined;
}

function isFile(path: string): boolean {
  try {
    return fs.statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch (error) {
    throw fileError(error, 'read', path, 'E_NO_INPUT');
  }
}

function readStart(file: string): Buffer {
  const start = Buffer.alloc(8);
  let handle: number | undefined;
  try {
    handle = fs.openSync(file, 'r');
    return start.subarray(0, fs.readSync(handle, start));
  } catch (error) {
    throw fileError(error, 'read', file, 'E_NO_INPUT');
  } finally {
    if (handle !== undefined) fs.closeSync(handle);
  }
}
