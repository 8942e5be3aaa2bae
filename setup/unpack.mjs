import fs from 'node:fs';
import path from 'node:path';
import { fileError, formatBytes } from './errors.mjs';
import { checkSpace, createStaging, removeFolder } from './staging.mjs';
import { downloadWheel, verifyWheel } from './wheel.mjs';
import { readZipDirectory, unpackMember } from './zip.mjs';

const maxTotalBytes = 3e9;

/**
 * Fetches a wheel, or takes `file` for it, checks it, unpacks into staging the members that `targetName` gives a name, and puts them in
 * place as `folder` by one rename. `manifestName` is written last, with each file's size.
 */
export async function provideWheel({ wheel, file, folder, targetName, manifestName }, progress) {
  const staging = createStaging();
  try {
    checkSpace(staging, wheel.unpackedBytes + (file === undefined ? wheel.sizeBytes : 0), wheel.title);
    const source = file ?? (await downloadWheel(wheel, staging, progress));
    progress.begin(`checking the wheel of ${wheel.title}`);
    await verifyWheel(source, wheel);
    progress.done();
    const unpacked = path.join(staging, 'unpacked');
    await unpackWheel({ wheel, source, target: unpacked, targetName, manifestName }, progress);
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

async function unpackWheel({ wheel, source, target, targetName, manifestName }, progress) {
  const members = readZipDirectory(source, maxTotalBytes)
    .map((member) => ({ member, name: targetName(member.name) }))
    .filter(({ name }) => name !== undefined);
  const totalBytes = members.reduce((sum, { member }) => sum + member.sizeBytes, 0);
  progress.begin(`unpacking ${wheel.title} (${formatBytes(totalBytes)})`);
  let doneBytes = 0;
  const files = {};
  for (const { member, name } of members) {
    try {
      await unpackMember(source, member, path.join(target, name), (count) => {
        doneBytes += count;
        progress.update(doneBytes, totalBytes);
      });
    } catch (error) {
      throw fileError(error, `unpack ${path.basename(name)}`, path.join(target, name));
    }
    files[name] = member.sizeBytes;
  }
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
