import zlib from 'node:zlib';

/** A member of a ZIP file made for a test; what is not given is as it should be. */
export interface ZipMember {
  readonly name: string;
  readonly content?: string;
  readonly method?: number;
  readonly flags?: number;
  readonly unixMode?: number;
  readonly declaredBytes?: number;
  readonly crc?: number;
}

/** Writes a ZIP archive: members, directory, end record (APPNOTE 4.3). */
export function createZip(members: readonly ZipMember[]): Buffer {
  const bodies: Buffer[] = [];
  const entries: Buffer[] = [];
  let start = 0;
  for (const member of members) {
    const content = Buffer.from(member.content ?? '');
    const method = member.method ?? 8;
    const packed = method === 8 ? zlib.deflateRawSync(content) : content;
    const name = Buffer.from(member.name);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(member.flags ?? 0, 2);
    fields.writeUInt16LE(method, 4);
    fields.writeUInt32LE(member.crc ?? zlib.crc32(content), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(member.declaredBytes ?? content.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((member.unixMode ?? 0o100644) << 16) >>> 0, 6);
    tail.writeUInt32LE(start, 10);
    const body = Buffer.concat([Buffer.from('PK\x03\x04'), fields, name, packed]);
    entries.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03'), fields, tail, name]));
    bodies.push(body);
    start += body.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(start, 16);
  return Buffer.concat([...bodies, directory, end]);
}
