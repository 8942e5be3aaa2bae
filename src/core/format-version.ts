import path from 'node:path';
import { escapeText, TrainerError } from './errors.ts';

/** The error for a file that a newer version of this tool has written. */
export function newerFormat(file: string, found: number, known: number): TrainerError {
  return new TrainerError(
    'E_MODEL_VERSION',
    `cannot read ${escapeText(path.basename(file))}: it has format version ${found}, but this tool reads up to ${known}`,
    {
      path: file,
      expected: `at most ${known}`,
      actual: String(found),
      hint: 'It was written by a newer mnist-cnn. Upgrade this one.',
    },
  );
}

/** Looks for a version in parsed JSON, before its shape is checked. @throws TrainerError `E_MODEL_VERSION` for a newer one. */
export function checkFormat(value: unknown, source: { readonly file: string; readonly key: string }): void {
  const { file, key } = source;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return;
  const version: unknown = Reflect.get(value, key);
  if (typeof version === 'number' && version > knownVersion) throw newerFormat(file, version, knownVersion);
}

/** All JSON files of this tool are at their first version. */
const knownVersion = 1;
