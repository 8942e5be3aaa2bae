import fs from 'node:fs';
import path from 'node:path';
import { describeEnd, lastLines, runProgram } from './child.mjs';
import { setupCommand } from './command.mjs';
import { fileError, SetupError } from './errors.mjs';
import { findLibrary, listAddons, nodeApiLevel, resolvePackage } from './layout.mjs';
import { createStaging } from './library.mjs';
import { installCommand } from './platforms.mjs';
import { tryAddons, tryLibrary } from './trial.mjs';

/** Whether the addons for this library are there: they get their names only after they were tried. */
export function hasAddons() {
  return listAddons(findLibrary()).every((addon) => fs.existsSync(addon.file));
}

/** Compiles the addons, loads library and addons in a child process, and only then gives the addons their names. */
export async function provideAddons(progress) {
  const library = findLibrary();
  const addons = listAddons(library);
  const staging = createStaging();
  try {
    const compiler = await findCompiler();
    progress.begin(`compiling ${addons.length} addons with ${path.basename(compiler)}`);
    const built = {};
    for (const addon of addons) {
      built[addon.name] = path.join(staging, `${addon.name}.node`);
      await compile({ compiler, addon, library, output: built[addon.name] });
      // The first loads the library alone: that it cannot be loaded is known before the long compilation.
      if (addon.name === 'quiet') await tryLibrary(library, built.quiet);
    }
    progress.done();
    progress.begin('trying TensorFlow');
    await tryAddons(library, built);
    for (const addon of addons) putInPlace(built[addon.name], addon.file);
    progress.done();
  } finally {
    fs.rmSync(staging, { recursive: true, force: true });
  }
}

async function findCompiler() {
  const candidates = process.env.CXX ? [process.env.CXX] : ['c++', 'g++', 'clang++'];
  for (const candidate of candidates) {
    const result = await runProgram(candidate, ['--version']);
    if (result.code === 0) return candidate;
  }
  throw new SetupError('E_NATIVE', `no C++ compiler works here: tried ${candidates.join(', ')}`, {
    expected: 'a C++17 compiler',
    actual: 'none',
    hint: process.env.CXX
      ? 'The variable CXX names it; unset it to have c++, g++ and clang++ tried, or install one:'
      : 'TensorFlow is tied to Node by a small addon that is compiled here. Install a compiler:',
    command: installCommand('compiler'),
  });
}

async function compile({ compiler, addon, library, output }) {
  const isDarwin = process.platform === 'darwin';
  const headers = resolvePackage('node-api-headers');
  const programArguments = [
    '-O2',
    '-fPIC',
    '-std=c++17',
    `-DNAPI_VERSION=${nodeApiLevel}`,
    `-DNODE_GYP_MODULE_NAME=${addon.name}`,
    `-I${path.join(headers, 'include')}`,
    ...(isDarwin ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared']),
    ...addon.sources.map((source) => path.join(addon.folder, source)),
    ...(addon.usesLibrary ? linkArguments(library, isDarwin) : isDarwin ? [] : ['-ldl']),
    '-o',
    output,
  ];
  // A compiler that is killed leaves its temporary files: in the staging folder they go with it.
  const result = await runProgram(compiler, programArguments, {
    env: { ...process.env, TMPDIR: path.dirname(output) },
  });
  if (result.code === 0) return;
  throw new SetupError(
    'E_NATIVE',
    `cannot compile the addon ${addon.name}: ${compiler} ended with ${describeEnd(result)}`,
    {
      path: addon.folder,
      output: firstErrors(result.output),
      hint: 'A compiler for C++17 with its standard library is needed (GCC 8 or Clang 7, or newer). Name one:',
      command: `CXX=g++ ${setupCommand('--native', '--rebuild')}`,
    },
  );
}

function linkArguments(library, isDarwin) {
  const folder = path.dirname(library.tensorflow);
  return [
    `-I${library.include}`,
    library.tensorflow,
    library.framework,
    `-Wl,-rpath,${folder}`,
    // The older kind of path wins over LD_LIBRARY_PATH: another libtensorflow there does not get in.
    ...(isDarwin ? [] : ['-Wl,--disable-new-dtags', '-Wl,-z,now']),
  ];
}

function putInPlace(built, file) {
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const handle = fs.openSync(built, 'r');
    fs.fsyncSync(handle);
    fs.closeSync(handle);
    fs.renameSync(built, file);
  } catch (error) {
    throw fileError(error, 'store an addon', file);
  }
}

function firstErrors(output) {
  const errors = output.split('\n').filter((line) => /error|undefined reference|cannot find/.test(line));
  return errors.length > 0 ? errors.slice(0, 4) : lastLines(output, 4);
}
