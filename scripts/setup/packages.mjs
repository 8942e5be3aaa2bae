import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { lastLines, runProgram } from './child.mjs';
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

/** Installs the packages of package-lock.json, with the tools for tests; nothing to do where they are there. */
export async function providePackages(progress) {
  if (arePackagesThere()) return;
  progress.begin('installing packages (npm ci)');
  const npm = findNpm();
  const result = await runProgram(npm[0], [...npm.slice(1), ...installArguments], { cwd: packageFolder });
  if (result.missing) {
    throw new SetupError('E_PACKAGES', 'cannot install the packages: npm is not there', {
      hint: 'npm comes with Node.js (20.19 or newer). With npm in the PATH, run:',
      command: 'npm start',
    });
  }
  if (result.code !== 0) {
    throw new SetupError(
      'E_PACKAGES',
      `cannot install the packages: npm ci ended with exit code ${result.code}`,
      {
        path: lockFile,
        output: lastLines(result.output, 6),
        hint: 'The package index was probably not reachable. To see all that npm says, run:',
        command: 'npm ci --ignore-scripts',
      },
    );
  }
  writeRecord();
  progress.done();
}

function arePackagesThere() {
  if (!fs.existsSync(path.join(modules, '.package-lock.json'))) return false;
  if (read(record) === describeLock()) return true;
  // Installed by hand: as good, where each package has the version that the lock file names.
  if (!isInstalled()) return false;
  writeRecord();
  return true;
}

function isInstalled() {
  const wanted = JSON.parse(read(lockFile)).packages;
  const installed = JSON.parse(read(path.join(modules, '.package-lock.json'))).packages;
  return Object.entries(wanted)
    .filter(([name, entry]) => name.startsWith('node_modules/') && !entry.optional && !entry.link)
    .every(([name, entry]) => installed[name]?.version === entry.version);
}

function writeRecord() {
  fs.writeFileSync(record, describeLock());
}

// An installation brings the programs of one platform only.
function describeLock() {
  const sha256 = createHash('sha256').update(fs.readFileSync(lockFile)).digest('hex');
  return `${JSON.stringify({ platform: process.platform, arch: process.arch, sha256 })}\n`;
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
