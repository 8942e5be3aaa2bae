import fs from 'node:fs';
import path from 'node:path';
import { setupCommand as commandOfSetup, isCheckout } from '../../setup/command.mjs';
import { otherCacheCommand } from '../../setup/errors.mjs';
import { findLibrary, listAddons } from '../../setup/layout.mjs';
import { explainLoader } from '../../setup/loader.mjs';
import { errnoOf, TrainerError } from '../core/errors.ts';
import { explainLimit } from '../core/limits.ts';
import { checkNode } from './node-version.ts';

/** The native files that TensorFlow under Node is made of, all of them there. */
export interface NativeFiles {
  readonly framework: string;
  readonly tensorflow: string;
  readonly quiet: string;
  readonly binding: string;
  /** Our own ops, which training is faster with; absent where they could not be built. */
  readonly ops?: string;
}

/** Finds the native library and the addons for this install. @throws TrainerError `E_NATIVE` naming what is missing and the repair. */
export function findNativeFiles(environment: NodeJS.ProcessEnv = process.env): NativeFiles {
  checkNode();
  const library = findLibrary(environment);
  const missingLibrary = library.missing[0];
  if (missingLibrary !== undefined) {
    if (isForbidden(missingLibrary)) throw unreadable(missingLibrary);
    throw new TrainerError(
      'E_NATIVE',
      `TensorFlow is not set up: ${path.basename(missingLibrary)} is missing`,
      library.named
        ? {
            path: missingLibrary,
            hint: 'MNIST_CNN_LIBTENSORFLOW names a folder without it. Correct the variable, or unset it and run:',
            command: setupCommand(),
          }
        : { path: missingLibrary, hint: setupHint, command: setupCommand() },
    );
  }
  const files = new Map(listAddons(library, environment).map((addon) => [addon.name, addon.file]));
  const { ops } = Object.fromEntries(files);
  for (const [name, file] of files) {
    if (fs.existsSync(file) || name === 'ops') continue;
    throw new TrainerError('E_NATIVE', `TensorFlow is not set up: its addon ${name} is missing`, {
      path: file,
      hint: setupHint,
      command: setupCommand(),
    });
  }
  const { framework, tensorflow } = library;
  return {
    framework,
    tensorflow,
    quiet: files.get('quiet') ?? '',
    binding: files.get('tfjs_binding') ?? '',
    ...(ops !== undefined && fs.existsSync(ops) ? { ops } : {}),
  };
}

/** Whether a file may be there, in a folder that this user may not look into. */
export function isForbidden(file: string): boolean {
  try {
    fs.accessSync(file);
    return false;
  } catch (error) {
    return errnoOf(error) === 'EACCES';
  }
}

function unreadable(file: string): TrainerError {
  return new TrainerError('E_NATIVE', 'cannot read the TensorFlow installation: permission denied (EACCES)', {
    path: file,
    hint: 'It was set up without read access for other users. Use your own cache, or have its owner allow reading (chmod -R a+rX):',
    command: otherCacheCommand(),
  });
}

/** What a failed load of library and addons comes from, with its repair. */
export function explainLoadFailure(error: unknown, files: NativeFiles): TrainerError {
  const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
  const versions = /NODE_MODULE_VERSION (\d+)[^]*NODE_MODULE_VERSION (\d+)/.exec(String(error));
  if (versions !== null) {
    const [, builtFor, runningOn] = versions;
    return new TrainerError(
      'E_NATIVE',
      `the addon was built for a different Node: module version ${builtFor}, running on ${runningOn}`,
      {
        path: files.binding,
        expected: String(runningOn),
        actual: String(builtFor),
        hint: 'Recompile it for this Node:',
        command: rebuildCommand(),
        cause: error,
      },
    );
  }
  const known = explainLoader(reason);
  if (known !== undefined) {
    const { hint, command } = known;
    return new TrainerError('E_NATIVE', `TensorFlow cannot be loaded: ${known.reason}`, {
      path: files.binding,
      hint,
      command,
      cause: error,
    });
  }
  const limit = explainLimit(error);
  if (limit !== undefined) return limit;
  return new TrainerError('E_NATIVE', `TensorFlow cannot be loaded: ${reason}`, {
    path: files.binding,
    hint: 'The addon or the library is probably damaged. Recompile it and try again:',
    command: rebuildCommand(),
    cause: error,
  });
}

/** The command that provides what is missing: in a checkout not built or installed yet, `npm start` does all. */
export function setupCommand(): string {
  return isCheckout() ? 'npm start' : 'mnist-cnn setup';
}

const setupHint = 'Set it up once (downloads about 280 MB unless they are already there):';

/** The command that recompiles what is there. */
export function rebuildCommand(): string {
  return commandOfSetup('--rebuild');
}
