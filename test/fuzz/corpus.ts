import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** An input that is kept. */
export interface CorpusEntry {
  readonly bytes: Buffer;
  /** What it once broke; such an input is never dropped. */
  readonly mended?: string;
}

const folder = fileURLToPath(new URL('corpus', import.meta.url));

/** Reads the corpus of a target: a line an input, base64, and behind it what the input once broke. */
export function readCorpus(name: string): readonly CorpusEntry[] {
  const file = fileOf(name);
  if (!fs.existsSync(file)) return [];
  return fs
    .readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [, encoded = '', mended] = /^(\S*)(?: (.*))?$/.exec(line) ?? [];
      const bytes = Buffer.from(encoded, 'base64');
      return mended === undefined ? { bytes } : { bytes, mended };
    });
}

/** Writes the corpus of a target, shortest inputs first. */
export function writeCorpus(name: string, entries: readonly CorpusEntry[]): void {
  const lines = entries
    .toSorted((one, other) => one.bytes.length - other.bytes.length || one.bytes.compare(other.bytes))
    .map(({ bytes, mended }) => `${bytes.toString('base64')}${mended === undefined ? '' : ` ${mended}`}\n`);
  fs.writeFileSync(fileOf(name), lines.join(''));
}

function fileOf(name: string): string {
  return path.join(folder, `${name}.txt`);
}
