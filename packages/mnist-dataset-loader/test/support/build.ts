import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const packageFolder = fileURLToPath(new URL('../..', import.meta.url));

/** Builds the package into a folder of the test's own, for children that run without the test runner; gives its address. */
export function buildLoader(name: string): string {
  const outDir = path.join(packageFolder, 'test', 'dist', name);
  const compiler = path.join(packageFolder, '../../node_modules/typescript/bin/tsc');
  const switches = ['--composite', 'false', '--incremental', 'false', '--declaration', 'false'];
  execFileSync(process.execPath, [compiler, '-p', packageFolder, '--outDir', outDir, ...switches]);
  return new URL(`file://${outDir}/`).href;
}
