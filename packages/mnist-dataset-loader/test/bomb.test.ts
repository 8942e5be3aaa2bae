import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { formatIdxHeader } from '../src/idx.ts';
import { createBomb } from './support/bomb.ts';
import { createTempFolder } from './support/folder.ts';

const child = new URL('support/bomb-child.mjs', import.meta.url).pathname;

interface Outcome {
  readonly code: string;
  readonly message: string;
  readonly elapsedMs: number;
  readonly grownBytes: number;
}

test('stops a bomb of 10 GB of zeros in 10 MB at its header (A20)', () => {
  const { code, message, elapsedMs, grownBytes } = explode(Buffer.of());
  expect({ code, message }).toEqual({
    code: 'E_IDX_FORMAT',
    message: "cannot read bomb.gz: its type byte 0x00 is not one of the format's",
  });
  expect(elapsedMs).toBeLessThan(1000);
  expect(grownBytes).toBeLessThan(50 * 2 ** 20);
});

test('stops a bomb behind the right header at the expected size (A20)', () => {
  const { code, message, elapsedMs, grownBytes } = explode(Buffer.from(formatIdxHeader([60_000, 28, 28])));
  expect({ code, message }).toEqual({
    code: 'E_GZIP',
    message: 'cannot unpack bomb.gz: it is larger than the expected 47,040,016 bytes',
  });
  expect(elapsedMs).toBeLessThan(1000);
  // 10 MiB of file, 45 MiB that a right file takes too, and the code that reads it.
  expect(grownBytes).toBeLessThan(75 * 2 ** 20);
});

function explode(start: Buffer): Outcome {
  const file = path.join(createTempFolder(), 'bomb.gz');
  fs.writeFileSync(file, createBomb(start));
  return JSON.parse(execFileSync(process.execPath, [child, file], { encoding: 'utf8' })) as Outcome;
}
