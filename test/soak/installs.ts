/**
 * Installs the packed tarball with each package manager in an empty folder, and uses it there. The managers come from npm.
 *
 *     npm run soak -- installs [--managers npm,pnpm,yarn,bun]
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runProgram } from '../support/program.ts';
import { reportSoak, type SoakResult } from './result.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The package that brings a manager, its program in there, and how it installs a tarball without install scripts. */
const managers: Readonly<Record<string, { readonly package: string; readonly words: readonly string[] }>> = {
  npm: { package: 'npm', words: ['npm', 'install', '--ignore-scripts', '--no-audit', '--no-fund'] },
  pnpm: { package: 'pnpm', words: ['pnpm', 'add', '--ignore-scripts'] },
  yarn: { package: 'yarn@1', words: ['yarn', 'add', '--ignore-scripts', '--no-progress'] },
  bun: { package: 'bun', words: ['bun', 'add', '--ignore-scripts'] },
};

const uses: readonly (readonly string[])[] = [
  ['--version'],
  ['setup'],
  ['train', '--dataset', 'synthetic', '--max-steps', '50'],
  ['show', '--dataset', 'synthetic', '--out', 'digit.png', '--plain'],
  ['predict', 'digit.png'],
  ['doctor'],
];

/** The trial with its words. */
export async function soakInstalls(words: readonly string[]): Promise<SoakResult> {
  const { values } = parseArgs({
    args: [...words],
    options: { managers: { type: 'string', default: Object.keys(managers).join(',') } },
  });
  return reportSoak('installs', (folder) => installWithEach(folder, values.managers.split(',')));
}

/** Installs and uses the tarball once with each manager. */
async function installWithEach(folder: string, names: readonly string[]): Promise<SoakResult> {
  const lost: string[] = [];
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
  const tarball = path.join(folder, execFileSync('npm', pack, { cwd: root, encoding: 'utf8' }).trim());
  const tried: Record<string, number> = {};
  for (const name of names) {
    console.log(`  ${name}`);
    tried[`uses of what ${name} installed`] = 0;
    try {
      const home = installWith(name, folder, tarball);
      const program = path.join(home, 'node_modules', 'mnist-cnn', 'dist', 'cli', 'main.js');
      for (const words of uses) {
        const { exit, stderr } = await runProgram(words, { program: fs.realpathSync(program), cwd: home });
        if (exit !== 0) lost.push(`${name}: mnist-cnn ${words.join(' ')} ended with ${exit}: ${stderr}`);
        tried[`uses of what ${name} installed`] = (tried[`uses of what ${name} installed`] ?? 0) + 1;
      }
      if (!fs.existsSync(path.join(home, 'node_modules', '.bin', 'mnist-cnn')))
        lost.push(`${name}: no program`);
    } catch (error) {
      lost.push(`${name}: ${String(error)}`);
    }
  }
  return { seed: 0, tried, lost };
}

/** Gives the folder in which the tarball is installed. */
function installWith(name: string, folder: string, tarball: string): string {
  const manager = managers[name];
  if (manager === undefined) throw new Error(`name some of ${Object.keys(managers).join(', ')}`);
  const tools = path.join(folder, `${name}-itself`);
  const home = path.join(folder, `${name}-installed`);
  for (const each of [tools, home]) {
    fs.mkdirSync(each);
    fs.writeFileSync(path.join(each, 'package.json'), '{ "name": "empty", "private": true }\n');
  }
  // Two of them have install scripts of their own, which put their programs in place.
  const options = { cwd: tools, stdio: 'pipe', encoding: 'utf8' } as const;
  execFileSync(
    'npm',
    ['install', '--ignore-scripts=false', '--no-audit', '--no-fund', manager.package],
    options,
  );
  const bin = path.join(tools, 'node_modules', '.bin');
  const env = { ...process.env, PATH: `${bin}${path.delimiter}${process.env['PATH']}` };
  const [program = '', ...words] = manager.words;
  execFileSync(path.join(bin, program), [...words, tarball], {
    cwd: home,
    env,
    stdio: 'pipe',
    encoding: 'utf8',
  });
  return home;
}
