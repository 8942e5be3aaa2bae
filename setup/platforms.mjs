import { readFileSync } from 'node:fs';
import { setupCommand } from './command.mjs';
import { SetupError } from './errors.mjs';
import { tensorflowVersion } from './layout.mjs';

/**
 * @typedef {object} Wheel
 * @property {string} title
 * @property {string} project
 * @property {string} version
 * @property {string} tag
 * @property {string} sha256
 * @property {number} sizeBytes
 * @property {number} unpackedBytes
 */

// TensorFlow's own wheels for Python 3.11, by SHA-256: nothing in them depends on Python. The last two are pinned but not
// tried: no such machine was at hand.
const library = { title: 'TensorFlow', version: tensorflowVersion };
/** @type {Readonly<Record<string, Wheel>>} */
const libraries = {
  'linux-x64-glibc': {
    ...library,
    project: 'tensorflow-cpu',
    tag: 'manylinux_2_27_x86_64',
    sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    sizeBytes: 273_829_956,
    unpackedBytes: 856_000_000,
  },
  'linux-arm64-glibc': {
    ...library,
    project: 'tensorflow',
    tag: 'manylinux_2_27_aarch64',
    sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
    sizeBytes: 281_828_020,
    unpackedBytes: 886_000_000,
  },
  'darwin-arm64': {
    ...library,
    project: 'tensorflow',
    tag: 'macosx_12_0_arm64',
    sha256: '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88',
    sizeBytes: 223_405_849,
    unpackedBytes: 744_000_000,
  },
};

// Zig's wheels. Unpacked, with what it writes to its own cache while it compiles.
const compiler = { title: 'Zig', project: 'ziglang', version: '0.17.1' };
/** @type {Readonly<Record<string, Wheel>>} */
const compilers = {
  'linux-x64-glibc': {
    ...compiler,
    tag: 'manylinux_2_12_x86_64',
    sha256: 'ea6cc5d87b033cf0aedfbc8f9549a908cae6c50ac31f1698188fa48a74524b54',
    sizeBytes: 101_083_562,
    unpackedBytes: 450_000_000,
  },
  'linux-arm64-glibc': {
    ...compiler,
    tag: 'manylinux_2_17_aarch64',
    sha256: 'b7c5f02fccd40f89b999ee16a1f5ddced56e6182370f8affe494bcf8a28cf07e',
    sizeBytes: 98_063_064,
    unpackedBytes: 440_000_000,
  },
  'darwin-arm64': {
    ...compiler,
    tag: 'macosx_13_0_arm64',
    sha256: '09953b6af7f64168b915180a42774f520f92d86ef6331b28e33915c7e1f0bb23',
    sizeBytes: 100_390_379,
    unpackedBytes: 460_000_000,
  },
};

/** The wheel with a C++ compiler for this machine; undefined where none is known. */
export function findCompilerWheel() {
  return compilers[describePlatform()];
}

/** The wheel with the library for this machine. @throws SetupError `E_NATIVE` naming the platform found and those known. */
export function findWheel() {
  const platform = describePlatform();
  const wheel = libraries[platform];
  if (wheel !== undefined) return wheel;
  const musl = platform.endsWith('-musl')
    ? ' TensorFlow is built for glibc: use a Debian, Ubuntu or Fedora image.'
    : '';
  throw new SetupError(
    'E_NATIVE',
    `no TensorFlow library is available for ${platform}, only for ${Object.keys(libraries).join(', ')}`,
    {
      expected: Object.keys(libraries).join(', '),
      actual: platform,
      hint: `The variable MNIST_CNN_LIBTENSORFLOW can name your own library with its include folder.${musl} More options:`,
      command: setupCommand('--help'),
    },
  );
}

/** This machine as system, processor and, on Linux, C library: `linux-x64-glibc`. */
export function describePlatform() {
  const platform = `${process.platform}-${process.arch}`;
  if (process.platform !== 'linux') return platform;
  const report = /** @type {any} */ (process.report); // its types lack both of what is used
  report.excludeNetwork = true;
  const { header } = report.getReport();
  return `${platform}-${header.glibcVersionRuntime === undefined ? 'musl' : 'glibc'}`;
}

/**
 * The command that installs a tool on this system, or words that say what to look for.
 *
 * @param {'pip' | 'compiler'} tool
 */
export function installCommand(tool) {
  const names = {
    pip: {
      debian: 'python3-pip',
      fedora: 'python3-pip',
      arch: 'python-pip',
      suse: 'python3-pip',
      darwin: 'python',
    },
    compiler: { debian: 'g++', fedora: 'gcc-c++', arch: 'gcc', suse: 'gcc-c++' },
  }[tool];
  if (process.platform === 'darwin')
    return tool === 'compiler' ? 'xcode-select --install' : `brew install ${names.darwin}`;
  const family = linuxFamily();
  if (family === 'fedora') return `sudo dnf install ${names.fedora}`;
  if (family === 'arch') return `sudo pacman -S ${names.arch}`;
  if (family === 'suse') return `sudo zypper install ${names.suse}`;
  return `sudo apt-get install ${names.debian}`;
}

function linuxFamily() {
  let text = '';
  try {
    text = readFileSync('/etc/os-release', 'utf8');
  } catch {
    // The commonest family is the guess.
  }
  const ids = [...text.matchAll(/^(?:ID|ID_LIKE)="?([^"\n]*)"?$/gm)].flatMap((match) =>
    (match[1] ?? '').split(' '),
  );
  if (ids.some((id) => ['fedora', 'rhel', 'centos'].includes(id))) return 'fedora';
  if (ids.some((id) => ['arch'].includes(id))) return 'arch';
  return ids.some((id) => ['suse', 'opensuse', 'sles'].includes(id)) ? 'suse' : 'debian';
}
