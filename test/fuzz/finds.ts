import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where inputs go that broke something; not in git. */
export const findsFolder = fileURLToPath(new URL('finds', import.meta.url));

/** Keeps the bytes of a find in a folder, and what is wrong with it beside them. Gives the file's path. */
export function writeFind(
  folder: string,
  target: string,
  find: { bytes: Uint8Array; fault: string },
): string {
  const { bytes, fault } = find;
  const name = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  const file = path.join(folder, `${target}-${name}`);
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(file, bytes);
  fs.writeFileSync(`${file}.txt`, `${fault}\n`);
  return file;
}
