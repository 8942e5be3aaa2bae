import zlib from 'node:zlib';

/** A member of a ZIP archive. */
export interface Member {
  readonly name: string;
  readonly content: Buffer;
  readonly method: number;
  /** As it lies there; packed anew where it is left out. */
  readonly packed?: Buffer;
}

/** The smallest tables: making the usual ones takes longer than reading what they pack. */
const quick = { level: 1, windowBits: 9, memLevel: 1 };

/** A NumPy array file: its header's text, and its elements. */
export function npy(header: string, data: Buffer, version = 1): Buffer {
  const text = Buffer.from(`${header.padEnd(64)}\n`);
  const start = Buffer.alloc(version === 1 ? 10 : 12);
  start.write('\x93NUMPY', 'latin1');
  start[6] = version;
  start.writeUInt16LE(text.length, 8);
  return Buffer.concat([start, text, data]);
}

/** The members that can be unpacked. */
export function readZip(bytes: Buffer): readonly Member[] {
  const members: Member[] = [];
  for (let at = bytes.indexOf('PK\x01\x02'); at >= 0; at = bytes.indexOf('PK\x01\x02', at + 4)) {
    if (at + 46 > bytes.length) break;
    const start = bytes.readUInt32LE(at + 42) + 30 + bytes.readUInt16LE(at + 28);
    const packed = bytes.subarray(start, start + bytes.readUInt32LE(at + 20));
    const name = bytes.toString('latin1', at + 46, at + 46 + bytes.readUInt16LE(at + 28));
    const method = bytes.readUInt16LE(at + 10);
    const content = method === 0 ? packed : inflate(packed);
    if (content !== undefined) members.push({ name, content, method, packed });
  }
  return members;
}

function inflate(packed: Buffer): Buffer | undefined {
  try {
    return zlib.inflateRawSync(packed, { maxOutputLength: 100_000 });
  } catch {
    return undefined;
  }
}

/** An archive of these members, every size and checksum as it should be. */
export function writeZip(members: readonly Member[]): Buffer {
  const bodies: Buffer[] = [];
  const entries: Buffer[] = [];
  let start = 0;
  for (const { name, content, method, packed: given } of members) {
    const packed = given ?? (method === 8 ? zlib.deflateRawSync(content, quick) : content);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(method, 4);
    fields.writeUInt32LE(zlib.crc32(content), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(content.length, 18);
    const title = Buffer.from(name, 'latin1');
    fields.writeUInt16LE(title.length, 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(start, 10);
    const body = Buffer.concat([Buffer.from('PK\x03\x04'), fields, title, packed]);
    entries.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), fields, tail, title]));
    bodies.push(body);
    start += body.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(start, 16);
  return Buffer.concat([...bodies, directory, end]);
}
