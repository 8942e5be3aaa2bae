import fs from 'node:fs';
import path from 'node:path';
import { fileError, formatBytes } from './errors.mjs';
import { checkSpace, createStaging, removeFolder } from './staging.mjs';
import { unzip } from './unzip.mjs';
import { downloadWheel, verifyWheel } from './wheel.mjs';

/**
 * Fetches a wheel, or takes `file` for it, checks it, unpacks into staging the members that `rules` give a name, and puts them in
 * place as `folder` by one rename. `manifestName` is written last, with each file's size.
 */
export async function provideWheel({ wheel, file, folder, rules, manifestName }, progress) {
  const staging = createStaging();
  try {
    checkSpace(staging, wheel.unpackedBytes + (file === undefined ? wheel.sizeBytes : 0), wheel.title);
    const source = file ?? (await downloadWheel(wheel, staging, progress));
    progress.begin(`checking the wheel of ${wheel.title}`);
    await verifyWheel(source, wheel);
    progress.done();
    const unpacked = path.join(staging, 'unpacked');
    await unpackWheel({ wheel, source, target: unpacked, rules, manifestName }, progress);
    putInPlace(unpacked, folder);
  } catch (error) {
    throw fileError(error, `put ${wheel.title} in place`, folder);
  } finally {
    removeFolder(staging);
  }
}

/** Whether a folder holds all that was unpacked of a wheel, each file in its size. */
export function isWhole(folder, manifestName) {
  try {
    const { files } = JSON.parse(fs.readFileSync(path.join(folder, manifestName), 'utf8'));
    return Object.entries(files).every(
      ([name, sizeBytes]) => fs.statSync(path.join(folder, name)).size === sizeBytes,
    );
  } catch {
    return false;
  }
}

async function unpackWheel({ wheel, source, target, rules, manifestName }, progress) {
  let totalBytes = 0;
  const files = await unzip({ file: source, target, rules }, ({ total = totalBytes, done = 0 }) => {
    if (total !== totalBytes) progress.begin(`unpacking ${wheel.title} (${formatBytes(total)})`);
    totalBytes = total;
    progress.update(done, total);
  }).catch((error) => {
    if (!error.member) throw error;
    throw fileError(error, `unpack ${path.basename(error.member)}`, path.join(target, error.member));
  });
  // Written last: a folder with it is whole.
  const manifest = `${JSON.stringify({ version: wheel.version, files }, null, 1)}\n`;
  fs.writeFileSync(path.join(target, manifestName), manifest, { flush: true });
  progress.done();
}

function putInPlace(unpacked, folder) {
  // What is there is damaged, or it would have been used.
  if (fs.existsSync(folder)) fs.renameSync(folder, path.join(path.dirname(unpacked), 'damaged'));
  fs.renameSync(unpacked, folder);
}
