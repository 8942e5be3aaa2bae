import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { flagName, path, toggle } from '../../config/options.ts';
import { defineCommand } from '../command.ts';

const program = fileURLToPath(new URL('../../../setup/main.mjs', import.meta.url));

/** `mnist-cnn setup`: provides the native library and the addons. */
export const setup = defineCommand({
  name: 'setup',
  examples: [
    ['mnist-cnn setup', 'once after installing; downloads about 280 MB'],
    ['mnist-cnn setup --wheel FILE', 'without a network, from a wheel downloaded elsewhere'],
    ['mnist-cnn setup --remove', 'empty the cache'],
  ],
  options: {
    wheel: path({
      default: undefined,
      description: 'a TensorFlow wheel downloaded elsewhere, or a folder with it and the wheel of Zig',
    }),
    keepCompiler: toggle({ description: 'keep a downloaded compiler in the cache' }),
    rebuild: toggle({ description: 'recompile the addons' }),
    remove: toggle({ description: 'remove the library, addons and compiler from the cache' }),
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
