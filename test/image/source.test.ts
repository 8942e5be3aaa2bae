import fs from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { readPictureFile, readPictureStream } from '../../src/image/source.ts';
import { createTempFolder } from '../support/folder.ts';
import { readError, readRejection } from '../support/read-error.ts';

describe('readPictureStream', () => {
  test('joins the chunks', async () => {
    const stream = Readable.from([Buffer.from('ab'), Buffer.from('c')]);
    expect(Buffer.from(await readPictureStream(stream)).toString()).toBe('abc');
  });

  test('gives no bytes for an empty stream', async () => {
    expect((await readPictureStream(Readable.from([]))).length).toBe(0);
  });

  test('refuses a terminal', async () => {
    const terminal = Object.assign(Readable.from([]), { isTTY: true });
    expect(await readRejection(readPictureStream(terminal))).toBe(
      'E_USAGE: cannot read a picture from the terminal',
    );
  });

  test('stops reading beyond 32 MiB', async () => {
    let chunks = 0;
    const endless = Readable.from(
      (function* () {
        for (;;) {
          chunks += 1;
          yield Buffer.alloc(1024 * 1024);
        }
      })(),
      { highWaterMark: 1 },
    );
    expect(await readRejection(readPictureStream(endless))).toBe(
      'E_IMAGE_TOO_LARGE: cannot read standard input: it has more than 33,554,432 bytes, which is the limit',
    );
    expect(chunks).toBeLessThan(40);
  });
});

describe('readPictureFile', () => {
  test('refuses a file of more than 32 MiB before it reads a byte', () => {
    const folder = createTempFolder();
    const file = path.join(folder, 'large.png');
    fs.writeFileSync(file, '');
    fs.truncateSync(file, 32 * 1024 * 1024 + 1);
    expect(readError(() => readPictureFile(file))).toBe(
      'E_IMAGE_TOO_LARGE: cannot read large.png: it has 33,554,433 bytes, the limit is 33,554,432',
    );
  });
});
