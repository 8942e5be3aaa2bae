import nodePath from 'node:path';
import { quote } from '../../setup/escape.mjs';
import { TrainerError } from '../core/errors.ts';
import type { PictureExamples } from '../data/load-examples.ts';
import { createBar } from './bar.ts';
import type { Output } from './output.ts';

/** Loads a folder of pictures by class, and shows how far it is: a bar on a terminal. */
export async function loadPicturesWithProgress(
  folder: string,
  output: Output,
  signal: AbortSignal,
): Promise<PictureExamples> {
  // With it come the decoders.
  const { loadPictures } = await import('../predict/load-pictures.ts');
  const bar = output.isInteractive ? await createBar('pictures {bar} {value}/{total}') : undefined;
  const onPicture = (done: number, total: number) => {
    if (done === 1) bar?.start(total, 0);
    bar?.update(done);
  };
  return loadPictures(folder, { onPicture, signal })
    .catch((error: unknown) => {
      throw explainPicture(error);
    })
    .finally(() => bar?.stop());
}

/** The error of a single picture, with the command that leaves it out: files whose names begin with a dot are not read. */
function explainPicture(error: unknown): unknown {
  const isPicture =
    error instanceof TrainerError && ['E_IMAGE_FORMAT', 'E_IMAGE_TOO_LARGE'].includes(error.code);
  if (!isPicture || error.path === undefined) return error;
  const { code, message, path, hint, ...details } = error;
  const hidden = nodePath.join(nodePath.dirname(path), `.${nodePath.basename(path)}`);
  return new TrainerError(code, message, {
    ...details,
    path,
    hint: `${hint === undefined ? '' : `${hint}\n`}To leave it out:`,
    command: `mv ${quote(path)} ${quote(hidden)}`,
  });
}
