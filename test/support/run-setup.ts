import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findLibrary, listAddons } from '../../setup/layout.mjs';
import { type CliOptions, type CliResult, runCli } from './run-cli.ts';

/** The program that sets up, as `npm start` calls it. */
export const setupFile = fileURLToPath(new URL('../../setup/main.mjs', import.meta.url));

/** Runs setup of library and addons with a cache of the test's own, and waits for its end. */
export function runSetup(
  cache: string,
  words: readonly string[],
  options: CliOptions = {},
): Promise<CliResult> {
  const env = { MNIST_CNN_LIBTENSORFLOW: undefined, ...options.env, MNIST_CNN_CACHE: cache };
  return runCli(['--native', ...words], { ...options, program: setupFile, env });
}

/** A folder that is laid out as a library, with two libraries of the test's own and the real headers. */
export function createLibraryFolder(folder: string, frameworkBytes: Buffer, tensorflowBytes: Buffer): string {
  const real = findLibrary();
  fs.mkdirSync(path.join(folder, 'lib'), { recursive: true });
  fs.symlinkSync(real.include, path.join(folder, 'include'));
  fs.writeFileSync(path.join(folder, 'lib', path.basename(real.framework)), frameworkBytes);
  fs.writeFileSync(path.join(folder, 'lib', path.basename(real.tensorflow)), tensorflowBytes);
  return folder;
}

/**
 * A compiler that takes no time: it hands out the addons that setup compiled before the tests, as listAddons names them, and
 * refuses sources whose names match `refused`. Gives its path.
 */
export function createQuickCompiler(folder: string, refused = 'none'): string {
  for (const { name, file } of listAddons(findLibrary())) {
    fs.symlinkSync(file, path.join(folder, `${name}.node`));
  }
  const compiler = path.join(folder, 'quick-c++');
  fs.writeFileSync(
    compiler,
    `#!/bin/sh
case "$*" in *${refused}*) echo "error: no vectors here" >&2; exit 1;; esac
for word; do [ "$last" = -o ] && output=$word; last=$word; done
built="${folder}/$(basename "$output")"
if [ -e "$built" ]; then cp "$built" "$output"; else echo > "$output"; fi
`,
    { mode: 0o755 },
  );
  return compiler;
}

/** Compiles C++ text to a shared library and gives its bytes. */
export function compileLibrary(folder: string, source: string): Buffer {
  const file = path.join(folder, 'compiled.cc');
  const output = path.join(folder, 'compiled.so');
  fs.writeFileSync(file, source);
  const result = spawnSync('c++', ['-shared', '-fPIC', '-o', output, file], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(result.stderr);
  return fs.readFileSync(output);
}
