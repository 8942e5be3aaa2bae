import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { runProgram } from './child.mjs';
import { SetupError } from './errors.mjs';
import { packageFolder, resolvePackage } from './layout.mjs';

const loader = path.join(packageFolder, 'packages', 'mnist-dataset-loader');
const program = path.join(packageFolder, 'dist', 'cli', 'main.js');
const record = path.join(packageFolder, 'dist', '.mnist-cnn-build');

/** Builds dist/ from the sources with the TypeScript compiler; nothing to do where they are the ones it was built from. */
export async function provideBuild(progress) {
  const sources = hashSources();
  if (read(record) === sources && fs.existsSync(program)) return;
  progress.begin('building');
  const compiler = path.join(resolvePackage('typescript'), 'bin', 'tsc');
  const result = await runProgram(process.execPath, [compiler, '-b', '--pretty', 'false'], {
    cwd: packageFolder,
  });
  if (result.code !== 0) {
    throw new SetupError(
      'E_BUILD',
      `cannot build: the TypeScript compiler ended with exit code ${result.code}`,
      {
        output: result.output
          .split('\n')
          .filter((line) => line.trim() !== '')
          .slice(0, 10),
        hint: 'Mend the source, or show all of it with:',
        command: 'npx tsc -b',
      },
    );
  }
  removeOrphans(path.join(packageFolder, 'dist'), path.join(packageFolder, 'src'));
  removeOrphans(path.join(loader, 'dist'), path.join(loader, 'src'));
  if (fs.existsSync(program)) fs.chmodSync(program, 0o755);
  fs.writeFileSync(record, sources);
  progress.done();
}

function hashSources() {
  const hash = createHash('sha256');
  const files = [
    'tsconfig.json',
    'tsconfig.base.json',
    'package-lock.json',
    path.join(loader, 'tsconfig.json'),
  ];
  for (const folder of [path.join(packageFolder, 'src'), path.join(loader, 'src')])
    files.push(...listFiles(folder));
  for (const file of files) {
    const full = path.resolve(packageFolder, file);
    hash.update(`\0${path.relative(packageFolder, full)}\0`).update(fs.readFileSync(full));
  }
  return hash.digest('hex');
}

// The compiler leaves the output of sources that are gone.
function removeOrphans(outputFolder, sourceFolder) {
  for (const file of listFiles(outputFolder)) {
    const source = /^(.*?)(?:\.d\.ts|\.js)$/.exec(path.relative(outputFolder, file))?.[1];
    if (source !== undefined && !fs.existsSync(path.join(sourceFolder, `${source}.ts`)))
      fs.rmSync(file, { force: true });
  }
}

function listFiles(folder) {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
