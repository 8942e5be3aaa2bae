import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { runProgram } from './child.mjs';
import { setupCommand } from './command.mjs';
import { SetupError } from './errors.mjs';
import { packageFolder } from './layout.mjs';

const lockFile = path.join(packageFolder, 'package-lock.json');
const modules = path.join(packageFolder, 'node_modules');
// npm ci empties node_modules first: the record is there only after an installation that ended well.
const record = path.join(modules, '.mnist-cnn-setup.json');

// Whatever the user's settings and variables say (NODE_ENV, omit, dry-run, ...), the lock file is installed whole.
const installArguments = [
  'ci',
  '--ignore-scripts',
  '--include=dev',
  '--include=optional',
  '--include=peer',
  '--include-workspace-root=true',
  '--workspaces=true',
  '--global=false',
  '--dry-run=false',
  '--package-lock=true',
  '--prefer-offline',
  '--no-audit',
  '--no-fund',
  '--no-progress',
  '--loglevel=error',
];

/** Whether the packages are those of package-lock.json. */
export function hasPackages() {
  if (!fs.existsSync(path.join(modules, '.package-lock.json'))) return false;
  // Installed by hand is as good, where each package has the version that the lock file names.
  return read(record) === describeLock() || isInstalled();
}

/** Installs the packages of package-lock.json, with the tools for tests. */
export async function providePackages(progress) {
  progress.begin('installing packages (npm ci)');
  const npm = findNpm();
  const result = await runProgram(npm[0], [...npm.slice(1), ...installArguments], { cwd: packageFolder });
  if (result.missing) {
    throw new SetupError('E_PACKAGES', 'cannot install the packages: npm is missing', {
      hint: 'npm comes with Node.js (20.19 or newer). With npm in the PATH, run:',
      command: 'npm start',
    });
  }
  if (/ENOSPC/.test(result.output)) {
    throw new SetupError('E_DISK_FULL', 'cannot install the packages: the disk is full (ENOSPC)', {
      path: modules,
      hint: 'Free about 600 MB there, then run:',
      command: setupCommand(),
    });
  }
  if (result.code !== 0) {
    throw new SetupError(
      'E_PACKAGES',
      `cannot install the packages: npm ci ended with exit code ${result.code}`,
      {
        path: lockFile,
        output: firstLines(result.output),
        log: result.output,
        hint: 'The package registry was probably unreachable. To see all that npm prints, run:',
        command: 'npm ci --ignore-scripts',
      },
    );
  }
  fs.writeFileSync(record, describeLock());
  progress.done();
}

function isInstalled() {
  const wanted = JSON.parse(read(lockFile)).packages;
  const installed = JSON.parse(read(path.join(modules, '.package-lock.json'))).packages;
  return Object.entries(wanted)
    .filter(([name, entry]) => name.startsWith('node_modules/') && !entry.optional && !entry.link)
    .every(([name, entry]) => installed[name]?.version === entry.version);
}

// An installation brings the programs of one platform only.
function describeLock() {
  const sha256 = createHash('sha256').update(fs.readFileSync(lockFile)).digest('hex');
  return `${JSON.stringify({ platform: process.platform, arch: process.arch, sha256 })}\n`;
}

// npm names the reason first and where to read on last.
function firstLines(output) {
  const lines = output
    .split('\n')
    .filter((line) => !/^npm (warn|error\s*$|error code)/.test(line) && line.trim() !== '');
  return lines.slice(0, 5);
}

function findNpm() {
  const named = process.env.npm_execpath;
  if (named && /npm-cli\.c?js$/.test(named) && fs.existsSync(named)) return [process.execPath, named];
  const beside = path.join(
    path.dirname(process.execPath),
    '..',
    'lib',
    'node_modules',
    'npm',
    'bin',
    'npm-cli.js',
  );
  return fs.existsSync(beside) ? [process.execPath, beside] : ['npm'];
}

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
