import path from 'node:path';
import { cacheFolder } from './layout.mjs';
import { describePlatform, findCompilerWheel } from './platforms.mjs';
import { isWhole, provideWheel } from './unpack.mjs';

// Zig brings Clang, and headers and libraries of every system. The target is named, so that it takes its own ones and not those of
// a system that has none; glibc 2.27 is the one that TensorFlow's wheel is built for. Without `baseline` it would compile for
// the processor of this machine, and the addons lie in a folder that machines may share.
const targets = {
  'linux-x64-glibc': 'x86_64-linux-gnu.2.27',
  'linux-arm64-glibc': 'aarch64-linux-gnu.2.27',
  'darwin-arm64': 'aarch64-macos.13.0',
};
const flags = ['-mcpu=baseline', '-fno-sanitize=undefined', '-g0'];
const manifestName = 'compiler.json';

// Of 19,500 files, most of them headers of other systems, these 4,900.
const folders =
  '(?:c|compiler|compiler_rt|include|libcxx|libcxxabi|libunwind|std|libc/(?:glibc|darwin)|libc/include/(?:generic-glibc|(?:any|x86|aarch64)-linux-(?:any|gnu)|any-darwin-any))';
const rules = [[`ziglang/(zig|lib/[^/]+|lib/${folders}/.*[^/])`, String.raw`\1`]];

/** Whether Zig is known for this machine. */
export function canProvideZig() {
  return findCompilerWheel() !== undefined;
}

/**
 * The compiler of Zig, unpacked into `folder`, or into the cache where it is to be kept; one that was kept is used.
 *
 * @param {{ readonly wheels?: import('./library.mjs').WheelFiles, readonly keepCompiler?: boolean }} options
 * @param {string} folder
 * @param {import('./progress.mjs').Progress} progress
 */
export async function provideZig({ wheels = {}, keepCompiler }, folder, progress) {
  const wheel = findCompilerWheel();
  const kept = path.join(cacheFolder(), `ziglang-${wheel.version}-${process.platform}-${process.arch}`);
  const isKept = isWhole(kept, manifestName);
  const home = isKept || keepCompiler ? kept : path.join(folder, 'zig');
  if (!isKept)
    await provideWheel({ wheel, file: wheels.compiler, folder: home, rules, manifestName }, progress);
  const cache = path.join(folder, 'zig-cache');
  return {
    name: 'zig c++',
    words: [path.join(home, 'zig'), 'c++', '-target', targets[describePlatform()], ...flags],
    env: { ZIG_GLOBAL_CACHE_DIR: cache, ZIG_LOCAL_CACHE_DIR: cache },
  };
}
