import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describeEnd, lastLines, runProgram } from './child.mjs';
import { setupCommand } from './command.mjs';
import { formatBytes, formatErrno, otherCacheCommand, SetupError } from './errors.mjs';
import { sumSizes } from './files.mjs';
import { installCommand } from './platforms.mjs';

const downloadArguments = [
  'download',
  '--no-cache-dir',
  '--progress-bar=off',
  '--no-deps',
  '--only-binary=:all:',
  '--require-hashes',
  '--implementation=cp',
  '--abi=cp311',
  '--python-version=3.11',
];

/** The wheels downloaded elsewhere: `named` itself, or by their names in the folder that it is. */
export function findWheels(named) {
  if (named === undefined) return {};
  const files = listFolder(named) ?? [named];
  const find = (pattern) => files.find((file) => pattern.test(path.basename(file)));
  const compiler = find(/^ziglang-.*\.whl$/);
  return { library: find(/^tensorflow.*\.whl$/) ?? (named === compiler ? undefined : named), compiler };
}

function listFolder(folder) {
  try {
    return fs.readdirSync(folder).map((name) => path.join(folder, name));
  } catch {
    // A file, or what cannot be read: that is reported where it is needed.
    return undefined;
  }
}

/** Fetches a wheel with pip into `folder` and gives the file's name. @throws SetupError where there is no pip or no network. */
export async function downloadWheel(wheel, folder, progress) {
  const pip = await findPip(wheel);
  progress.begin(`downloading ${wheel.title} (${formatBytes(wheel.sizeBytes)})`);
  const requirements = path.join(folder, 'requirements.txt');
  fs.writeFileSync(requirements, `${wheel.project}==${wheel.version} --hash=sha256:${wheel.sha256}\n`);
  const partFolder = path.join(folder, 'part');
  const wheelFolder = path.join(folder, 'wheel');
  fs.mkdirSync(partFolder);
  fs.mkdirSync(wheelFolder);
  // pip writes to its temporary folder first: what grows there is the progress.
  const watch = setInterval(
    () => progress.update(sumSizesIfThere(partFolder) + sumSizesIfThere(wheelFolder), wheel.sizeBytes),
    200,
  );
  try {
    const result = await runProgram(
      pip.words[0],
      [
        ...pip.words.slice(1),
        ...downloadArguments,
        '--platform',
        wheel.tag,
        '--dest',
        wheelFolder,
        '-r',
        requirements,
      ],
      { env: pipEnvironment(partFolder) },
    );
    if (result.code !== 0) throw explainPip(result, wheel, pip);
  } finally {
    clearInterval(watch);
  }
  const [name] = fs.readdirSync(wheelFolder).filter((entry) => entry.endsWith('.whl'));
  if (name === undefined) throw new SetupError('E_NETWORK', 'pip succeeded but left no wheel', offline());
  progress.done();
  return path.join(wheelFolder, name);
}

/** Compares a wheel with its pinned SHA-256. @throws SetupError `E_CHECKSUM` with both, `E_NO_INPUT` where it cannot be read. */
export async function verifyWheel(file, wheel) {
  const status = fs.statSync(file, { throwIfNoEntry: false });
  if (!status?.isFile()) throw noWheel(status ? 'it is not a file' : 'it does not exist', file, wheel);
  const hash = createHash('sha256');
  try {
    for await (const chunk of fs.createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk);
  } catch (error) {
    throw noWheel(formatErrno(error), file, wheel);
  }
  const actual = hash.digest('hex');
  if (actual === wheel.sha256) return;
  throw new SetupError(
    'E_CHECKSUM',
    `${path.basename(file)} is not the pinned wheel: SHA-256 ${wheel.sha256} expected, ${actual} found`,
    {
      path: file,
      expected: wheel.sha256,
      actual,
      hint: 'The file may be damaged or altered, or belong to another version. Fetch it again:',
      command: setupCommand('--native'),
    },
  );
}

/** That Python, or a module of it, fails at a task: its own words, and the variable that may lead it astray. */
export function brokenPython(task, { name, result }) {
  const variable = ['PYTHONHOME', 'PYTHONPATH'].find((each) => process.env[each]);
  return new SetupError('E_NATIVE', `cannot ${task}: ${name} does not work: ${describeEnd(result)}`, {
    output: lastLines(result.output, 4),
    hint:
      variable === undefined
        ? 'Repair Python or its pip, for example by reinstalling it:'
        : `The variable ${variable} may point Python to the wrong place. Try without it:`,
    command:
      variable === undefined ? installCommand('pip') : `env -u ${variable} ${setupCommand('--native')}`,
  });
}

function noWheel(reason, file, wheel) {
  return new SetupError('E_NO_INPUT', `cannot read ${path.basename(file)}: ${reason}`, {
    path: file,
    hint: `Name the wheel of ${wheel.project} ${wheel.version} for ${wheel.tag}, or let setup download it:`,
    command: setupCommand('--native'),
  });
}

async function findPip(wheel) {
  const failures = [];
  for (const words of [['python3', '-m', 'pip'], ['pip3']]) {
    const result = await runProgram(words[0], [...words.slice(1), '--version']);
    if (result.code === 0) return { words, version: Number(/^pip (\d+)/m.exec(result.output)?.[1]) };
    failures.push({ name: words.join(' '), result });
  }
  // Without pip Python says that it has no such module; anything else is its own trouble.
  const broken = failures.find(
    ({ result }) => !result.missing && !/No module named '?pip/.test(result.output),
  );
  if (broken !== undefined) throw brokenPython(`download ${wheel.title}`, broken);
  throw new SetupError('E_NATIVE', `cannot download ${wheel.title}: neither python3 -m pip nor pip3 works`, {
    expected: 'python3 -m pip or pip3',
    actual: 'neither',
    hint: `Python's pip fetches and verifies it. Install pip, or name a wheel you have with --wheel FILE.`,
    command: installCommand('pip'),
  });
}

// Where to look and how to get there is the user's; what and where to put it is setup's.
function pipEnvironment(temporaryFolder) {
  const kept =
    /^PIP_(INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX|TRUSTED_HOST|CERT|CLIENT_CERT|PROXY|TIMEOUT|DEFAULT_TIMEOUT|RETRIES|CONFIG_FILE|KEYRING_PROVIDER)$/;
  const entries = Object.entries(process.env).filter(([name]) => !name.startsWith('PIP_') || kept.test(name));
  return {
    ...Object.fromEntries(entries),
    PIP_REQUIRE_VIRTUALENV: '0',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PIP_NO_INPUT: '1',
    TMPDIR: temporaryFolder,
  };
}

function explainPip(result, wheel, pip) {
  const output = lastLines(result.output, 4);
  if (/DO NOT MATCH THE HASHES/i.test(result.output)) {
    const actual = /Got\s+([0-9a-f]{64})/.exec(result.output)?.[1] ?? 'another';
    return new SetupError(
      'E_CHECKSUM',
      `the download is not the pinned wheel: SHA-256 ${wheel.sha256} expected, ${actual} found`,
      {
        expected: wheel.sha256,
        actual,
        hint: 'It may have been altered in transit. Try again, or name a wheel you have with --wheel FILE.',
        command: setupCommand('--native'),
      },
    );
  }
  if (/No space left on device|ENOSPC|Errno 28/.test(result.output)) {
    return new SetupError('E_DISK_FULL', `cannot download ${wheel.title}: the disk is full (ENOSPC)`, {
      hint: 'Free some space, or put the cache on another disk:',
      command: otherCacheCommand(),
    });
  }
  if (pip.version < 20) {
    return new SetupError(
      'E_NATIVE',
      `cannot download ${wheel.project} ${wheel.version}: pip ${pip.version} ended with ${describeEnd(result)}`,
      {
        expected: 'pip 20',
        actual: `pip ${pip.version}`,
        output,
        hint: 'It is too old for such wheels, or the package index was unreachable. Update pip:',
        command: `${pip.words.join(' ')} install --upgrade pip`,
      },
    );
  }
  return new SetupError(
    'E_NETWORK',
    `cannot download ${wheel.project} ${wheel.version} with pip: ${describeEnd(result)}`,
    {
      output,
      ...offline(),
    },
  );
}

function offline() {
  return {
    hint: 'The package index was probably unreachable. Try again, or download the wheel elsewhere:',
    command: setupCommand('--wheel FILE'),
  };
}

function sumSizesIfThere(folder) {
  try {
    return sumSizes(folder);
  } catch {
    // pip moves its files about meanwhile.
    return 0;
  }
}
