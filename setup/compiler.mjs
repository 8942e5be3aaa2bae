import fs from 'node:fs';
import path from 'node:path';
import { describeEnd, lastLines, runProgram } from './child.mjs';
import { setupCommand } from './command.mjs';
import { fileError, SetupError } from './errors.mjs';
import { installCommand } from './platforms.mjs';
import { canProvideZig, provideZig } from './zig.mjs';

// What needs the standard library's headers, the library itself and the linker.
const smallProgram = `#include <string>
#include <thread>
extern "C" int answer(int number) {
  std::thread([&number] { ++number; }).join();
  if constexpr (sizeof(int) > 1) return static_cast<int>(std::to_string(number).size());
}
`;

/**
 * The C++ compiler for this machine: one that works here, else Zig's, fetched. `folder` is for what is made on the way, Zig
 * included. @throws SetupError where there is none.
 */
export async function provideCompiler(options, folder, progress) {
  const { compiler, failures } = await tryCompilers(folder);
  if (compiler !== undefined) return compiler;
  if (!canProvideZig()) throw noCompiler(failures);
  progress.say(`${describeFailures(failures)}; using Zig's compiler`);
  try {
    return await provideZig(options, folder, progress);
  } catch (error) {
    if (!['E_NETWORK', 'E_NATIVE'].includes(error.code)) throw error;
    throw noCompiler(failures, error);
  }
}

/** The C++ compiler that works here: `$CXX`, else the first of the usual ones. @throws SetupError where there is none. */
export async function findCompiler(folder) {
  const { compiler, failures } = await tryCompilers(folder);
  if (compiler === undefined) throw noCompiler(failures);
  return compiler;
}

/** Runs a compiler; its temporary files go to `folder`, since one that is killed leaves them behind. */
export function runCompiler(compiler, words, folder) {
  const env = { ...process.env, TMPDIR: folder, ...compiler.env };
  return runProgram(compiler.words[0], [...compiler.words.slice(1), ...words], { env });
}

async function tryCompilers(folder) {
  const named = process.env.CXX?.trim();
  const candidates = named ? [splitWords(named)] : [['c++'], ['g++'], ['clang++']];
  const failures = [];
  for (const words of candidates) {
    const compiler = { name: words.map((word) => path.basename(word)).join(' '), words };
    const result = await compileSmallProgram(compiler, folder);
    if (result.code === 0) return { compiler, failures };
    failures.push({ name: compiler.name, result });
  }
  if (named) throw brokenChoice(named, failures[0].result);
  return { failures };
}

// `ccache g++` is two words, and a path with a space is one where it leads to a file or stands in quotes.
function splitWords(text) {
  if (fs.existsSync(text)) return [text];
  return [...text.matchAll(/"([^"]*)"|'([^']*)'|\S+/g)].map(
    ([word, ...quoted]) => quoted.find(Boolean) ?? word,
  );
}

// A compiler that says its version may still lack headers, or be no more than a note on where to get one.
async function compileSmallProgram(compiler, folder) {
  const source = path.join(folder, 'small.cc');
  try {
    fs.writeFileSync(source, smallProgram);
  } catch (error) {
    throw fileError(error, 'write to the cache', source);
  }
  const flags = ['-std=c++17', '-fPIC', '-shared', '-pthread'];
  return runCompiler(compiler, [...flags, source, '-o', path.join(folder, 'small.so')], folder);
}

function brokenChoice(named, result) {
  return new SetupError(
    'E_NATIVE',
    `the compiler named by CXX does not work: ${named}: ${describeEnd(result)}`,
    {
      expected: 'a C++17 compiler',
      actual: named,
      output: firstErrors(result.output),
      hint: 'It failed to compile a small program that uses the standard library. Name another one, or let setup find one:',
      command: `env -u CXX ${setupCommand('--native')}`,
    },
  );
}

function noCompiler(failures, cause) {
  const reason = cause === undefined ? '' : `; ${cause.message}`;
  const broken = failures.flatMap(({ name, result }) =>
    firstErrors(result.output)
      .slice(0, 1)
      .map((line) => `${name}: ${line}`),
  );
  return new SetupError('E_NATIVE', `${describeFailures(failures)}${reason}`, {
    expected: 'a C++17 compiler',
    actual: 'none',
    output: [...broken, ...(cause?.output ?? [])],
    hint: 'The small addons that connect TensorFlow to Node are compiled on this machine. Install a compiler:',
    command: installCommand('compiler'),
    cause,
  });
}

function describeFailures(failures) {
  return `found no C++ compiler that works: tried ${failures.map(({ name }) => name).join(', ')}`;
}

/** The lines of a compiler's output that say what is wrong. */
export function firstErrors(output) {
  const errors = output.split('\n').filter((line) => /error|undefined reference|cannot find/.test(line));
  return errors.length > 0 ? errors.slice(0, 4) : lastLines(output, 4);
}
