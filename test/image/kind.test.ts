import { describe, expect, test } from 'vitest';
import { detectImageKind, isReadableImage } from '../../src/image/kind.ts';
import { readError } from '../support/read-error.ts';

const latin = (text: string) => Buffer.from(text, 'latin1');

describe('detectImageKind', () => {
  test.each([
    ['png', '\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR'],
    ['jpeg', '\xff\xd8\xff\xe0\0\x10JFIF'],
    ['webp', 'RIFF\x24\0\0\0WEBPVP8 '],
    ['bmp', 'BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0'],
  ])('identifies a %s by its first bytes, whatever its name', (kind, start) => {
    expect(detectImageKind({ name: 'wrong.txt', bytes: latin(start) })).toBe(kind);
  });

  test.each([
    ['GIF', 'GIF89a\x01\0'],
    ['PDF', '%PDF-1.7\n'],
    ['TIFF', 'II*\0\x08\0\0\0'],
    ['HEIC', '\0\0\0\x18ftypheic\0\0\0\0'],
    ['AVIF', '\0\0\0\x18ftypavif\0\0\0\0'],
    ['SVG', '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['HTML', '<!DOCTYPE html><html></html>'],
    ['text', 'BMX bikes are fast, this is no picture'],
    ['gzip', '\x1f\x8b\x08\0'],
    ['an IDX file', '\0\0\x08\x03\0\0\x27\x10'],
    ['an unknown kind of file', '\x01\x02\x03\x04'],
  ])('names %s and what is read instead', (found, start) => {
    expect(readError(() => detectImageKind({ name: 'dir/scan.png', bytes: latin(start) }))).toBe(
      `E_IMAGE_FORMAT: cannot read scan.png: found ${found}, this tool reads PNG, JPEG, BMP and WebP`,
    );
  });

  test('reports how to get a HEIC read', () => {
    const source = { name: 'a.heic', bytes: latin('\0\0\0\x18ftypheic\0\0\0\0') };
    expect(() => detectImageKind(source)).toThrow(expect.objectContaining({ hint: 'Export it as JPEG.' }));
  });

  test('calls an empty file empty', () => {
    expect(readError(() => detectImageKind({ name: 'a.png', bytes: new Uint8Array(0) }))).toBe(
      'E_IMAGE_FORMAT: cannot read a.png: it is empty (0 bytes)',
    );
  });

  test('escapes what a name could do to a terminal', () => {
    const source = { name: 'dir/\u001b[31m\nred.png', bytes: latin('hello') };
    expect(readError(() => detectImageKind(source))).toBe(
      'E_IMAGE_FORMAT: cannot read \\x1b[31m\\x0ared.png: found text, this tool reads PNG, JPEG, BMP and WebP',
    );
  });
});

describe('isReadableImage', () => {
  test('is false for text and true for a PNG', () => {
    expect([isReadableImage(latin('hello')), isReadableImage(latin('\x89PNG\r\n\x1a\n'))]).toEqual([
      false,
      true,
    ]);
  });
});
