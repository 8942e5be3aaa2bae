import fs from 'node:fs';
import path from 'node:path';
import { setupCommand } from './command.mjs';
import { fileError, formatBytes, otherCacheCommand, SetupError } from './errors.mjs';
import { cacheFolder, findLibrary, tensorflowVersion } from './layout.mjs';
import { findWheel } from './platforms.mjs';
import { downloadWheel, verifyWheel } from './wheel.mjs';
import { readZipDirectory, unpackMember } from './zip.mjs';

// Of the 13,000 headers these folders hold what the addons include.
const headerFolders = [
  'tensorflow/c/',
  'tensorflow/core/common_runtime/next_pluggable_device/c/',
  'tensorflow/core/platform/',
  'tsl/platform/',
  'xla/tsl/c/',
];
const maxTotalBytes = 3e9;
const manifestName = 'library.json';

/** Whether the library is there: the named one with its parts, or the cache's with every file in its size. */
export function hasLibrary() {
  const library = findLibrary();
  return library.missing.length === 0 && (library.named || isWhole(library.folder));
}

/** Provides the library: fetched, checked, unpacked aside and put in place by one rename. A named one is left as it is. */
export async function provideLibrary(options, progress) {
  const library = findLibrary();
  if (library.named) {
    checkNamed(library);
    return;
  }
  const wheel = findWheel();
  const staging = createStaging();
  try {
    checkSpace(staging, wheel.unpackedBytes + (options.wheel === undefined ? wheel.sizeBytes : 0));
    const file = options.wheel ?? (await downloadWheel(wheel, staging, progress));
    progress.begin('checking the wheel');
    await verifyWheel(file, wheel);
    progress.done();
    const unpacked = path.join(staging, 'library');
    await unpackLibrary(file, unpacked, progress);
    putInPlace(unpacked, library.folder);
  } catch (error) {
    throw fileError(error, 'put TensorFlow in place', library.folder);
  } finally {
    removeFolder(staging);
  }
}

/** A new folder in the cache for what is not finished yet. */
export function createStaging() {
  const cache = cacheFolder();
  try {
    fs.mkdirSync(cache, { recursive: true });
    return fs.mkdtempSync(path.join(cache, 'staging-'));
  } catch (error) {
    throw fileError(error, 'write to the cache', cache);
  }
}

/** Removes what killed set-ups left in the cache. To be called by the one that holds the lock. */
export function removeStaging() {
  const cache = cacheFolder();
  try {
    for (const name of fs.existsSync(cache) ? fs.readdirSync(cache) : []) {
      if (name.startsWith('staging-')) removeFolder(path.join(cache, name));
    }
  } catch {
    // A cache that cannot be read cannot be written to either: that says so.
  }
}

/** Removes a folder of what is not finished; one that cannot be removed now is removed by the next set-up. */
export function removeFolder(folder) {
  try {
    fs.rmSync(folder, { recursive: true, force: true });
  } catch {
    // Something else is the news, or all went well.
  }
}

function isWhole(folder) {
  try {
    const { files } = JSON.parse(fs.readFileSync(path.join(folder, manifestName), 'utf8'));
    return Object.entries(files).every(
      ([name, sizeBytes]) => fs.statSync(path.join(folder, name)).size === sizeBytes,
    );
  } catch {
    return false;
  }
}

function checkNamed(library) {
  if (library.missing.length === 0) return;
  throw new SetupError(
    'E_NO_INPUT',
    `MNIST_CNN_LIBTENSORFLOW names a folder without ${path.basename(library.missing[0])}`,
    {
      path: library.missing[0],
      hint: 'It needs lib/ with both libraries and include/, or is the folder of an installed Python package. Without it, set-up downloads one:',
      command: `env -u MNIST_CNN_LIBTENSORFLOW ${setupCommand('--native')}`,
    },
  );
}

function checkSpace(folder, neededBytes) {
  const status = fs.statfsSync(folder);
  const freeBytes = status.bavail * status.bsize;
  if (freeBytes >= neededBytes) return;
  throw new SetupError(
    'E_DISK_FULL',
    `cannot unpack TensorFlow: ${formatBytes(neededBytes)} needed, ${formatBytes(freeBytes)} free`,
    {
      path: path.dirname(folder),
      expected: String(neededBytes),
      actual: String(freeBytes),
      hint: 'Free some space, or put the cache on another disk:',
      command: otherCacheCommand(),
    },
  );
}

async function unpackLibrary(file, target, progress) {
  const members = readZipDirectory(file, maxTotalBytes)
    .map((member) => ({ member, name: targetName(member.name) }))
    .filter(({ name }) => name !== undefined);
  const totalBytes = members.reduce((sum, { member }) => sum + member.sizeBytes, 0);
  progress.begin(`unpacking TensorFlow (${formatBytes(totalBytes)})`);
  let doneBytes = 0;
  const files = {};
  for (const { member, name } of members) {
    try {
      await unpackMember(file, member, path.join(target, name), (count) => {
        doneBytes += count;
        progress.update(doneBytes, totalBytes);
      });
    } catch (error) {
      throw fileError(error, `unpack ${path.basename(name)}`, path.join(target, name));
    }
    files[name] = member.sizeBytes;
  }
  // Written last: a folder with it is whole.
  fs.writeFileSync(
    path.join(target, manifestName),
    `${JSON.stringify({ version: tensorflowVersion, files }, null, 1)}\n`,
    {
      flush: true,
    },
  );
  progress.done();
}

function targetName(memberName) {
  const library = /^tensorflow\/(libtensorflow_(?:cc|framework)\.(?:so\.2|2\.dylib))$/.exec(memberName);
  if (library) return `lib/${library[1]}`;
  const header = /^tensorflow\/include\/(.*[^/])$/.exec(memberName)?.[1];
  const isNeeded = header !== undefined && headerFolders.some((folder) => header.startsWith(folder));
  return isNeeded ? `include/${header}` : undefined;
}

function putInPlace(unpacked, folder) {
  // What is there is damaged, or it would have been used.
  if (fs.existsSync(folder)) fs.renameSync(folder, path.join(path.dirname(unpacked), 'damaged'));
  fs.renameSync(unpacked, folder);
}
