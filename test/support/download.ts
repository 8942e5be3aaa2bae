import path from 'node:path';
import { expect } from 'vitest';
import {
  type Behavior,
  startMirror,
} from '../../packages/mnist-dataset-loader/test/support/mirror-server.ts';
import { createTempFolder } from './folder.ts';
import { type CliOptions, type CliResult, runCli } from './run-cli.ts';

/** The names of the four files. */
export const mnistNames = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte',
] as const;

const proxies = ['http_proxy', 'https_proxy', 'no_proxy'].flatMap((name) => [name, name.toUpperCase()]);
const noProxy = Object.fromEntries(proxies.map((name) => [name, '']));

/** How a download ended, the lines of its stderr, and the folder `data` of its working folder. */
export interface DownloadResult extends CliResult {
  readonly data: string;
  readonly lines: readonly string[];
}

/** Downloads into `data` of a fresh folder from these mirrors, asking no proxy but those in `env`. */
export async function download(
  mirrors: readonly string[],
  options: CliOptions = {},
): Promise<DownloadResult> {
  const { cwd = createTempFolder(), env } = options;
  const surroundings = { ...options, cwd, env: { ...noProxy, ...env } };
  const result = await runCli(['download', '--mirror', mirrors.join(',')], surroundings);
  return { ...result, data: path.join(cwd, 'data'), lines: linesOf(result) };
}

/** The lines of stderr, among which must be no stack trace. */
export function linesOf({ stderr }: CliResult): readonly string[] {
  expect(stderr).not.toMatch(/^\s+at /m);
  return stderr.trimEnd().split('\n');
}

/** Starts a mirror that answers each request for the first file alike. */
export const startFaulty = (behavior: Behavior) =>
  startMirror(new Map([[mnistNames[0], Buffer.alloc(1000)]]), [behavior]);
