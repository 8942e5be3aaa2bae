/** An unpacked IDX file: type byte 0x08 unless given, the sizes big-endian, then the data. */
export function encodeIdx(sizes: readonly number[], data: Uint8Array | number[], type = 0x08): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header[2] = type;
  header[3] = sizes.length;
  sizes.forEach((size, index) => header.writeUInt32BE(size, 4 + 4 * index));
  return Buffer.concat([header, Uint8Array.from(data)]);
}
