import nodePath from 'node:path';
import { escapeText, TrainerError } from '../core/errors.ts';
import { createFolder, readFileCapped, writeFileAtomic } from '../core/files.ts';
import { decodeTensorFile, encodeTensorFile } from '../core/tensor-file.ts';
import type { Model } from './model.ts';
import { readWeights, writeWeights } from './weights.ts';

const maxSizeBytes = 1024 * 1024 * 1024;

/** Writes a model's weights alone, into a folder that is made for them; whoever loads them must name the architecture. */
export function saveWeights(model: Model, file: string): void {
  const header = { kind: 'weights', architecture: model.architecture.name };
  createFolder(nodePath.dirname(file));
  writeFileAtomic(file, encodeTensorFile({ header, arrays: readWeights(model) }));
}

/** Sets a model's weights from such a file. @throws TrainerError `E_NO_INPUT` or `E_MODEL_FORMAT`. */
export function loadWeights(model: Model, file: string): void {
  const { header, arrays } = decodeTensorFile(readFileCapped(file, maxSizeBytes, 'E_MODEL_FORMAT'), file);
  if (header['kind'] !== 'weights') {
    throw new TrainerError(
      'E_MODEL_FORMAT',
      `cannot read ${escapeText(nodePath.basename(file))}: it is not a weights file`,
      { path: file },
    );
  }
  writeWeights(model, arrays, file);
}
