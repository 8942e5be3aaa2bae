import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { runProgram } from './child.mjs';
import { SetupError } from './errors.mjs';
import { packageFolder, resolvePackage } from './layout.mjs';

const loader = path.join(packageFolder, 'packages', 'mnist-dataset-loader');
const program = path.join(packageFolder, 'dist', 'cli', 'main.js');
const record = path.join(packageFolder, 'dist', '.build');

/** Whether dist/ was built from the sources as they are. */
export function hasBuild() {
  return (
    read(record) === hashSources() && listFolders().every(({ output, source }) => hasOutputs(output, source))
  );
}

/** Builds dist/ from the sources with the TypeScript compiler. */
export async function provideBuild(progress) {
  const sources = hashSources();
  progress.begin('building');
  fs.rmSync(record, { force: true });
  const compiler = path.join(resolvePackage('typescript'), 'bin', 'tsc');
  const result = await runProgram(process.execPath, [compiler, '-b', '--force', '--pretty', 'false'], {
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
        hint: 'Fix the source, or see every error with:',
        command: 'npx tsc -b',
      },
    );
  }
  for (const { output, source } of listFolders()) removeOrphans(output, source);
  if (fs.existsSync(program)) fs.chmodSync(program, 0o755);
  fs.writeFileSync(record, sources);
  progress.done();
}

function listFolders() {
  return [packageFolder, loader].map((folder) => ({
    source: path.join(folder, 'src'),
    output: path.join(folder, 'dist'),
  }));
}

function hasOutputs(output, source) {
  const modules = listFiles(source).filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'));
  return modules.every((file) =>
    fs.existsSync(path.join(output, path.relative(source, file).replace(/\.ts$/, '.js'))),
  );
}

function hashSources() {
  const hash = createHash('sha256');
  const files = [
    'tsconfig.json',
    'tsconfig.base.json',
    'package-lock.json',
    path.join(loader, 'tsconfig.json'),
  ];
  for (const { source } of listFolders()) files.push(...listFiles(source));
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
