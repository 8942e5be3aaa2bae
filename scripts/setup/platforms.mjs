import { readFileSync } from 'node:fs';
import { setupCommand } from './command.mjs';
import { SetupError } from './errors.mjs';

// TensorFlow's own wheels for Python 3.11, by SHA-256: nothing in them depends on Python. The last two are pinned but not
// tried: no such machine was at hand.
const wheels = {
  'linux-x64-glibc': {
    project: 'tensorflow-cpu',
    tag: 'manylinux_2_27_x86_64',
    sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    sizeBytes: 273_829_956,
    unpackedBytes: 856_000_000,
  },
  'linux-arm64-glibc': {
    project: 'tensorflow',
    tag: 'manylinux_2_27_aarch64',
    sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
    sizeBytes: 281_828_020,
    unpackedBytes: 886_000_000,
  },
  'darwin-arm64': {
    project: 'tensorflow',
    tag: 'macosx_12_0_arm64',
    sha256: '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88',
    sizeBytes: 223_405_849,
    unpackedBytes: 744_000_000,
  },
};

/** The wheel for this machine. @throws SetupError `E_NATIVE` naming the platform found and those known. */
export function findWheel() {
  const platform = describePlatform();
  const wheel = wheels[platform];
  if (wheel !== undefined) return wheel;
  const musl = platform.endsWith('-musl')
    ? ' TensorFlow is built for glibc: use a Debian, Ubuntu or Fedora image.'
    : '';
  throw new SetupError(
    'E_NATIVE',
    `no TensorFlow library is known for ${platform}; known are ${Object.keys(wheels).join(', ')}`,
    {
      expected: Object.keys(wheels).join(', '),
      actual: platform,
      hint: `A library of your own (with its include folder) can be named.${musl}`,
      command: `MNIST_CNN_LIBTENSORFLOW=/path/to/libtensorflow ${setupCommand('--native')}`,
    },
  );
}

/** This machine as system, processor and, on Linux, C library: `linux-x64-glibc`. */
export function describePlatform() {
  const platform = `${process.platform}-${process.arch}`;
  if (process.platform !== 'linux') return platform;
  process.report.excludeNetwork = true;
  const { header } = process.report.getReport();
  return `${platform}-${header.glibcVersionRuntime === undefined ? 'musl' : 'glibc'}`;
}

/** The command that installs a tool on this system, or words that say what to look for. */
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
  const ids = [...text.matchAll(/^(?:ID|ID_LIKE)="?([^"\n]*)"?$/gm)].flatMap((match) => match[1].split(' '));
  if (ids.some((id) => ['fedora', 'rhel', 'centos'].includes(id))) return 'fedora';
  if (ids.some((id) => ['arch'].includes(id))) return 'arch';
  return ids.some((id) => ['suse', 'opensuse', 'sles'].includes(id)) ? 'suse' : 'debian';
}
