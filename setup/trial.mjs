import { fileURLToPath } from 'node:url';
import { describeEnd, lastLines, runProgram } from './child.mjs';
import { setupCommand } from './command.mjs';
import { SetupError } from './errors.mjs';
import { explainLoader } from './loader.mjs';

/** @import { Library } from './layout.mjs' */

/** Loads the library alone, through the addon `quiet`, in a child process. @throws SetupError with what it died of. */
export async function tryLibrary(library, quiet) {
  await runTrial(['library', quiet, library.framework, library.tensorflow], library);
}

/**
 * Loads tfjs-node with library and addons, our ops too where `addons` has them, in a child process, which multiplies two
 * numbers. Gives TensorFlow's version.
 */
export async function tryAddons(
  /** @type {Library} */ library,
  /** @type {Record<string, string>} */ addons,
) {
  const { quiet, tfjs_binding: binding, ops } = addons;
  const output = await runTrial(
    ['multiply', quiet, library.framework, library.tensorflow, binding, ...(ops ? [ops] : [])],
    library,
  );
  return lastLines(output, 1)[0] ?? '';
}

/** Why the child that tried the library failed: the processor, or the library itself. */
export function explainTrial(result, library) {
  const output = lastLines(result.output, 4);
  if (result.signal === 'SIGILL' || /compiled to use AVX/i.test(result.output)) {
    return new SetupError('E_NATIVE', 'this processor lacks AVX, which the TensorFlow library requires', {
      path: library.tensorflow,
      output,
      hint: 'Use a newer machine, or set MNIST_CNN_LIBTENSORFLOW to the folder of a libtensorflow built for this one. The options of setup:',
      command: setupCommand('--help'),
    });
  }
  const known = explainLoader(result.output);
  if (known !== undefined) {
    const { reason, hint, command } = known;
    return new SetupError('E_NATIVE', `TensorFlow cannot be loaded: ${reason}`, {
      path: library.tensorflow,
      hint,
      command,
    });
  }
  return new SetupError(
    'E_LIBRARY',
    `the TensorFlow library does not work: its test run ended with ${describeEnd(result)}`,
    {
      path: library.tensorflow,
      output,
      hint: library.named
        ? 'It is probably damaged, or built for another machine. Without the variable, setup downloads a library:'
        : 'It is probably damaged. Fetch it again:',
      command: library.named
        ? `env -u MNIST_CNN_LIBTENSORFLOW ${setupCommand('--native')}`
        : `${setupCommand('--remove')} && ${setupCommand('--native')}`,
    },
  );
}

async function runTrial(trialArguments, library) {
  const program = fileURLToPath(new URL('probe.mjs', import.meta.url));
  const result = await runProgram(process.execPath, [program, ...trialArguments], {
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' },
  });
  if (result.code !== 0) throw explainTrial(result, library);
  return result.output;
}
