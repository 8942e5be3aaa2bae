// Compiles the tests of native/ and runs them: for each instruction set that the processor has under AddressSanitizer and
// UndefinedBehaviorSanitizer, and once under ThreadSanitizer. A line each; the last line counts, and the exit code tells.
//
//   --quick  the fastest instruction set that the processor has, no sanitizers
//   --speed  no tests: microseconds and GFLOP/s of each kernel, plain loop and fast version
//   --arch arm64  compiled by aarch64-linux-gnu-g++, or by $CXX, and run by qemu-aarch64, whose times mean nothing;
//                 without ThreadSanitizer. Debian: apt-get install g++-aarch64-linux-gnu qemu-user
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fastFlags } from '../../setup/addons.mjs';
import { describeEnd, lastLines, runProgram } from '../../setup/child.mjs';
import { findCompiler, runCompiler } from '../../setup/compiler.mjs';
import { engineVariants, packageFolder } from '../../setup/layout.mjs';

const native = path.join(packageFolder, 'native');
const tests = fs
  .readdirSync(path.join(native, 'test'))
  .filter((name) => name.endsWith('_test.cc'))
  .map((name) => `test/${name}`);
const skipped = 77; // the exit code that says that the processor lacks the instruction set
const sanitizers = [
  { name: 'address, undefined', flags: ['-fsanitize=address,undefined', '-fno-sanitize-recover=undefined'] },
  { name: 'thread', flags: ['-fsanitize=thread'] },
];

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean' }, speed: { type: 'boolean' }, arch: { type: 'string' } },
});
const foreign = findForeign(options.arch);
if (foreign) process.env.CXX ||= foreign.compiler;
const variants = foreign ? engineVariants.slice(0, 1) : engineVariants;
const staging = fs.mkdtempSync(path.join(os.tmpdir(), 'mnist-cnn-native-test-'));
try {
  const results = await runBuilds(listBuilds(), await findCompiler(staging));
  const count = (outcome) => results.filter((result) => result === outcome).length;
  console.log(`${count('ok')} passed, ${count('failed')} failed, ${count('skipped')} skipped`);
  process.exitCode = count('failed') === 0 && count('ok') > 0 ? 0 : 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  fs.rmSync(staging, { recursive: true, force: true });
}

// How the tests of another processor are compiled and run; undefined where it is this one.
function findForeign(arch) {
  if (arch === undefined || arch === process.arch) return undefined;
  if (arch !== 'arm64') throw new TypeError(`--arch must be arm64 or ${process.arch}, not ${arch}`);
  return { compiler: 'aarch64-linux-gnu-g++', runner: ['qemu-aarch64', '-L', '/usr/aarch64-linux-gnu'] };
}

// What is compiled and run: sources for the instruction set, sources for none, flags for all.
function listBuilds() {
  if (options.speed) {
    return variants.map((variant) => ({
      name: `${variant.name}, speed`,
      variant,
      sources: ['test/kernels_speed.cc'],
      plainSources: ['test/speed_main.cc'],
      flags: fastFlags,
      isShown: true,
    }));
  }
  const testBuild = (variant, sanitizer) => ({
    name: sanitizer ? `${variant.name}, ${sanitizer.name}` : variant.name,
    variant,
    sources: [...tests, variant.source],
    plainSources: ['test/main.cc', 'threads.cc'],
    // The last level wins.
    flags: [...fastFlags, '-O1', '-g', ...(sanitizer?.flags ?? [])],
  });
  if (options.quick) return [...variants].reverse().map((variant) => testBuild(variant));
  const [memory, threads] = sanitizers;
  const [portable] = variants;
  const memoryBuilds = variants.map((variant) => testBuild(variant, memory));
  // ThreadSanitizer restarts itself, which an emulated program cannot.
  return foreign ? memoryBuilds : [...memoryBuilds, testBuild(portable, threads)];
}

// Two at a time, because each keeps one core busy for most of its time; alone where times matter, or the first may do.
async function runBuilds(builds, compiler) {
  const results = [];
  const next = async () => {
    const build = builds.shift();
    if (build === undefined) return;
    results.push(await runBuild(build, compiler));
    if (options.quick && results.at(-1) !== 'skipped') return;
    await next();
  };
  await Promise.all(options.speed || options.quick ? [next()] : [next(), next()]);
  return results;
}

async function runBuild(build, compiler) {
  const startedMs = performance.now();
  const compiled = await compile(build, compiler);
  const result = compiled.code === 0 ? await run(compiled.program) : compiled;
  const outcome = result.code === 0 ? 'ok' : result.code === skipped ? 'skipped' : 'failed';
  const notes = {
    ok: lastLines(result.output, 1)[0],
    skipped: 'the processor lacks it',
    failed: describeEnd(result),
  };
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  if (outcome === 'failed') console.log(result.output.slice(0, 5000).trimEnd());
  else if (build.isShown && outcome === 'ok') console.log(result.output.trimEnd());
  console.log(`${build.name}: ${outcome} (${build.isShown ? '' : `${notes[outcome]}, `}${seconds} s)`);
  return outcome;
}

function run(program) {
  const [command, ...words] = [...(foreign?.runner ?? []), program];
  // An emulated program cannot be looked at for leaks.
  return runProgram(command, words, {
    env: { ...process.env, ...(foreign && { ASAN_OPTIONS: 'detect_leaks=0' }) },
  });
}

// Gives the program, or the first result of the compiler that is not a success.
async function compile({ name, variant, sources, plainSources, flags }, compiler) {
  const folder = fs.mkdtempSync(path.join(staging, `${name.split(',')[0]}-`));
  const warnings = ['-Wall', '-Wextra', ...(options.quick ? [] : ['-Werror'])];
  const common = [...flags, ...warnings, `-DMNIST_TESTED_SET="${variant.name}"`];
  const jobs = [
    ...sources.map((source) => ({ source, words: [...common, ...variant.flags] })),
    ...plainSources.map((source) => ({ source, words: common })),
  ].map((job, index) => ({ ...job, object: path.join(folder, `${index}.o`) }));
  const results = await Promise.all(
    jobs.map(({ source, words, object }) =>
      runCompiler(compiler, [...words, '-c', path.join(native, source), '-o', object], staging),
    ),
  );
  const program = path.join(folder, 'program');
  const failure = results.find(({ code }) => code !== 0);
  if (failure) return failure;
  // Objects for no instruction set come first: the linker keeps the first of a function that is in several.
  const objects = [...jobs].reverse().map(({ object }) => object);
  const linked = await runCompiler(compiler, [...common, '-pthread', ...objects, '-o', program], staging);
  return { ...linked, program };
}
