import fs from 'node:fs';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import { setupCommand } from './command.mjs';
import { escapeText, SetupError } from './errors.mjs';

// Layout: APPNOTE.TXT of PKWARE, 4.3.7 (member), 4.3.12 (directory), 4.3.16 (end record). No ZIP64: the wheels that are
// fetched stay below its bounds, and its marks are refused.
const endSignature = 0x06054b50;
const directorySignature = 0x02014b50;
const memberSignature = 0x04034b50;
const endBytes = 22;

/**
 * Reads the directory of a ZIP file and refuses it as a whole where a member could land outside the target, is a link,
 * or where all together are larger than `maxTotalBytes`. @throws SetupError `E_ZIP`.
 */
export function readZipDirectory(file, maxTotalBytes) {
  const handle = fs.openSync(file, 'r');
  try {
    const fileBytes = fs.fstatSync(handle).size;
    const end = findEnd(handle, file, fileBytes);
    const members = parseDirectory(end, handle, file);
    const totalBytes = members.reduce((sum, member) => sum + member.sizeBytes, 0);
    if (totalBytes > maxTotalBytes) {
      throw zipError(file, `its members hold ${totalBytes} bytes, the limit is ${maxTotalBytes}`);
    }
    return members;
  } finally {
    fs.closeSync(handle);
  }
}

/**
 * Unpacks one member into a new file: stops where it grows past its declared size, and checks its CRC.
 * `onBytes` hears of each piece written.
 */
export async function unpackMember(file, member, target, onBytes = () => {}) {
  const start = await findMemberStart(file, member);
  const checked = checkPieces(file, member, onBytes);
  const inflate = member.method === 8 ? [zlib.createInflateRaw({ chunkSize: 1 << 20 })] : [];
  const isProgram = (member.unixMode & 0o100) !== 0;
  fs.mkdirSync(path.dirname(target), { recursive: true });
  // An empty member has no bytes to stream.
  const source =
    member.packedBytes === 0
      ? []
      : [fs.createReadStream(file, { start, end: start + member.packedBytes - 1, highWaterMark: 1 << 20 })];
  try {
    if (source.length === 0) fs.writeFileSync(target, '', { flag: 'wx' });
    else
      await pipeline([
        ...source,
        ...inflate,
        checked.stream,
        fs.createWriteStream(target, { flags: 'wx', flush: true, mode: isProgram ? 0o777 : 0o666 }),
      ]);
  } catch (error) {
    if (error?.code?.startsWith?.('Z_'))
      throw zipError(file, `member ${escapeText(member.name)} is damaged: ${error.message}`);
    throw error;
  }
  checked.finish();
}

function findEnd(handle, file, fileBytes) {
  const tail = readAt(
    handle,
    Math.max(0, fileBytes - endBytes - 0xffff),
    Math.min(fileBytes, endBytes + 0xffff),
  );
  for (let at = tail.length - endBytes; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== endSignature) continue;
    const end = {
      count: tail.readUInt16LE(at + 10),
      directoryBytes: tail.readUInt32LE(at + 12),
      directoryStart: tail.readUInt32LE(at + 16),
    };
    if (end.count === 0xffff || end.directoryStart === 0xffffffff)
      throw zipError(file, 'it is a ZIP64 archive');
    if (end.directoryStart + end.directoryBytes > fileBytes)
      throw zipError(file, 'its directory is past its end');
    return end;
  }
  throw zipError(file, 'it has no ZIP directory; it was probably cut off');
}

function parseDirectory(end, handle, file) {
  const directory = readAt(handle, end.directoryStart, end.directoryBytes);
  const members = [];
  const seen = new Set();
  let at = 0;
  for (let index = 0; index < end.count; index++) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== directorySignature) {
      throw zipError(file, `its directory breaks off at member ${index + 1} of ${end.count}`);
    }
    const nameBytes = directory.readUInt16LE(at + 28);
    const member = {
      name: directory.toString('utf8', at + 46, at + 46 + nameBytes),
      flags: directory.readUInt16LE(at + 8),
      method: directory.readUInt16LE(at + 10),
      crc: directory.readUInt32LE(at + 16),
      packedBytes: directory.readUInt32LE(at + 20),
      sizeBytes: directory.readUInt32LE(at + 24),
      unixMode: directory.readUInt32LE(at + 38) >>> 16,
      start: directory.readUInt32LE(at + 42),
    };
    refuseHostile(member, file);
    if (seen.has(member.name)) throw zipError(file, `member ${escapeText(member.name)} appears twice`);
    seen.add(member.name);
    members.push(member);
    at += 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return members;
}

function refuseHostile(member, file) {
  const parts = member.name.split(/[/\\]/);
  const outside =
    parts.includes('..') || parts[0] === '' || /^[A-Za-z]:/.test(member.name) || member.name.includes('\0');
  const isLink = (member.unixMode & 0xf000) === 0xa000;
  const reason = outside
    ? 'would be written outside its folder'
    : isLink
      ? 'is a symbolic link'
      : (member.flags & 1) !== 0
        ? 'is encrypted'
        : member.method !== 0 && member.method !== 8
          ? `uses compression method ${member.method}`
          : undefined;
  if (reason !== undefined) throw zipError(file, `member ${escapeText(member.name)} ${reason}`);
}

async function findMemberStart(file, member) {
  const handle = fs.openSync(file, 'r');
  try {
    const header = readAt(handle, member.start, 30);
    if (header.length < 30 || header.readUInt32LE(0) !== memberSignature) {
      throw zipError(file, `member ${escapeText(member.name)} is not where the directory says`);
    }
    return member.start + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  } finally {
    fs.closeSync(handle);
  }
}

function checkPieces(file, member, onBytes) {
  let crc = 0;
  let sizeBytes = 0;
  const stream = new Transform({
    transform(chunk, _encoding, callback) {
      sizeBytes += chunk.length;
      if (sizeBytes > member.sizeBytes) {
        callback(
          zipError(file, `member ${escapeText(member.name)} is larger than its ${member.sizeBytes} bytes`),
        );
        return;
      }
      crc = zlib.crc32(chunk, crc);
      onBytes(chunk.length);
      callback(null, chunk);
    },
  });
  const finish = () => {
    if (sizeBytes === member.sizeBytes && crc === member.crc) return;
    const found = `${sizeBytes} bytes with CRC ${crc.toString(16)}`;
    const wanted = `${member.sizeBytes} bytes with CRC ${member.crc.toString(16)}`;
    throw zipError(file, `member ${escapeText(member.name)} has ${found}, the directory says ${wanted}`);
  };
  return { stream, finish };
}

function readAt(handle, position, length) {
  const bytes = Buffer.alloc(length);
  const count = fs.readSync(handle, bytes, 0, length, position);
  return bytes.subarray(0, count);
}

function zipError(file, reason) {
  return new SetupError('E_ZIP', `cannot unpack ${escapeText(path.basename(file))}: ${reason}`, {
    path: file,
    hint: 'The file was probably damaged or altered. Fetch it again:',
    command: setupCommand('--native'),
  });
}
