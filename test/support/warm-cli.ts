import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { createTempFolder } from './folder.ts';
import { type CliResult, cleanEnvironment } from './program.ts';

const host = fileURLToPath(new URL('warm-host.mjs', import.meta.url));
let child: ChildProcess | undefined;
let childOf: string | undefined;
let last: Promise<unknown> = Promise.resolve();

/**
 * Runs the built program with these words as `runCli` does, but in one process for all runs of a test file: TensorFlow is
 * loaded once, which is most of the time of a small run. For what ends a process, or what depends on how it was started
 * (the number of threads, too), there is `runCli`.
 */
export function runWarm(
  words: readonly string[],
  { cwd = createTempFolder(), env = {} }: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<CliResult> {
  const result = last.then(() => ask({ words, cwd, env }));
  last = result.catch(() => {});
  return result;
}

function ask(request: object): Promise<CliResult> {
  const { testPath } = expect.getState();
  if (childOf !== testPath) child?.kill();
  if (child === undefined || childOf !== testPath) child = start();
  childOf = testPath;
  const running = child;
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => {
      child = undefined;
      reject(new Error(`the warm program ended with ${code}`));
    };
    running.once('exit', onExit);
    running.once('message', (result: Omit<CliResult, 'signal'>) => {
      running.off('exit', onExit);
      resolve({ ...result, signal: null });
    });
    running.send(request);
  });
}

function start(): ChildProcess {
  const started = fork(host, {
    env: cleanEnvironment(),
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  started.unref();
  started.channel?.unref();
  return started;
}
