import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { flagName, path, toggle } from '../../config/options.ts';
import { defineCommand } from '../command.ts';

const program = fileURLToPath(new URL('../../../setup/main.mjs', import.meta.url));

/** `mnist-cnn setup`: provides the native library and the addons. */
export const setup = defineCommand({
  name: 'setup',
  summary: 'provide the native library',
  examples: [
    ['mnist-cnn setup', 'once after the installation; downloads about 280 MB'],
    ['mnist-cnn setup --wheel FILE', 'without a network, from a wheel brought along'],
    ['mnist-cnn setup --remove', 'empty the cache'],
  ],
  options: {
    wheel: path({
      default: undefined,
      description: 'the TensorFlow wheel, or a folder with it and with that of Zig, fetched elsewhere',
    }),
    keepCompiler: toggle({ description: 'keep the compiler in the cache, where one is fetched' }),
    rebuild: toggle({ description: 'compile the addons anew' }),
    remove: toggle({ description: 'remove library, addons and compiler from the cache' }),
  },
  run: async ({ options, output }) => {
    const { wheel, ...switches } = options;
    const { json, quiet, debug } = output;
    const flags = Object.entries({ ...switches, json, quiet, debug })
      .filter(([, isGiven]) => isGiven)
      .map(([key]) => `--${flagName(key)}`);
    const words = [program, '--native', ...(wheel === undefined ? [] : ['--wheel', wheel]), ...flags];
    const child = spawn(process.execPath, words, { stdio: 'inherit' });
    // Ctrl-C reaches the child too, which cleans up and ends; this process then ends the same way.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => child.kill(signal));
    const [code, signal]: unknown[] = await once(child, 'exit');
    if (typeof signal === 'string') {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    }
    if (code === 0 && !options.remove) output.next('mnist-cnn train');
    return typeof code === 'number' ? code : 1;
  },
});
