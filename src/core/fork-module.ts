import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Starts the module `name` from the folder of the module at `parentUrl` as a child process, which writes to standard error only and
 * exchanges structured clones. A built parent gets the built module; one that runs from source gets the source, loaded by tsx.
 */
export function forkModule(
  parentUrl: string,
  name: string,
  options: { readonly detached?: boolean } = {},
): ChildProcess {
  const extension = path.extname(new URL(parentUrl).pathname);
  return fork(new URL(`./${name}${extension}`, parentUrl), {
    ...options,
    serialization: 'advanced',
    execArgv: extension === '.ts' ? ['--import', findTsx()] : [],
    stdio: ['ignore', 'ignore', 2, 'ipc'],
  });
}

/** The address of tsx, wherever the child's working folder is. */
function findTsx(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
}
