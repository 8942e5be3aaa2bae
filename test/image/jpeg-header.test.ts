import { beforeAll, describe, expect, test } from 'vitest';
import { parseJpegHeader } from '../../src/image/jpeg-header.ts';
import { drawSeven, toSharp } from '../support/pictures.ts';
import { readError } from '../support/read-error.ts';

const seven = drawSeven(48, 64);
let baseline: Buffer;
let progressive: Buffer;
const parse = (bytes: Uint8Array) => parseJpegHeader({ name: 'a.jpg', bytes });
const errorOf = (bytes: Uint8Array) => readError(() => parse(bytes));

beforeAll(async () => {
  baseline = await toSharp(seven).jpeg().toBuffer();
  progressive = await toSharp(seven).jpeg({ progressive: true }).toBuffer();
});

describe('parseJpegHeader', () => {
  test('reads the size of a baseline JPEG', () => {
    expect(parse(baseline)).toEqual({ kind: 'jpeg', width: 48, height: 64 });
  });

  test('reads the size of a progressive JPEG', () => {
    expect(parse(progressive)).toEqual({ kind: 'jpeg', width: 48, height: 64 });
  });

  test('rejects baseline and progressive JPEGs cut at any length (E4)', () => {
    for (const whole of [baseline, progressive]) {
      for (let length = 3; length < whole.length; length++) {
        expect(errorOf(whole.subarray(0, length))).toBe(
          `E_IMAGE_FORMAT: cannot read a.jpg: the image ends early, after ${length} bytes`,
        );
      }
    }
  });

  test('does not take the end of a preview for its own', () => {
    const preview = Buffer.concat([
      Buffer.of(0xff, 0xe1, (baseline.length + 2) >> 8, (baseline.length + 2) & 255),
      baseline,
    ]);
    const whole = Buffer.concat([baseline.subarray(0, 2), preview, baseline.subarray(2)]);
    expect(parse(whole).width).toBe(48);
    expect(errorOf(whole.subarray(0, -1))).toBe(
      `E_IMAGE_FORMAT: cannot read a.jpg: the image ends early, after ${(whole.length - 1).toLocaleString('en-US')} bytes`,
    );
  });

  test('reads a JPEG with more behind its end, as phones write it', () => {
    expect(parse(Buffer.concat([baseline, Buffer.from('PK\x03\x04<html>')])).width).toBe(48);
  });

  test('refuses 60000 x 60000 pixels by the header (E11)', () => {
    expect(errorOf(withFrame({ width: 60_000, height: 60_000 }))).toBe(
      'E_IMAGE_TOO_LARGE: cannot read a.jpg: it has 60,000 x 60,000 pixels (3,600 MP), the limit is 64 MP',
    );
  });

  test('refuses a height that only comes after the pixels', () => {
    expect(errorOf(withFrame({ width: 48, height: 0 }))).toBe(
      'E_IMAGE_FORMAT: cannot read a.jpg: its header says 48 x 0 pixels, each side must be at least 1',
    );
  });

  test('names a 12-bit JPEG (E13)', () => {
    expect(errorOf(withFrame({ depth: 12 }))).toBe(
      'E_IMAGE_FORMAT: cannot read a.jpg: it is a 12-bit JPEG, only 8 bits are supported',
    );
  });

  test('refuses an end without a picture before it', () => {
    expect(errorOf(Buffer.of(0xff, 0xd8, 0xff, 0xd9))).toBe(
      'E_IMAGE_FORMAT: cannot read a.jpg: it has no picture before its end marker',
    );
  });

  test('reports where a marker is missing', () => {
    expect(errorOf(Buffer.of(0xff, 0xd8, 0x41, 0x42))).toBe(
      'E_IMAGE_FORMAT: cannot read a.jpg: a JPEG marker is expected at byte 2, found 0x41',
    );
  });
});

function frameOffset(): number {
  return baseline.indexOf(Buffer.of(0xff, 0xc0, 0));
}

function withFrame(frame: { width?: number; height?: number; depth?: number }): Buffer {
  const bytes = Buffer.from(baseline);
  const at = frameOffset();
  bytes[at + 4] = frame.depth ?? 8;
  bytes.writeUInt16BE(frame.height ?? 64, at + 5);
  bytes.writeUInt16BE(frame.width ?? 48, at + 7);
  return bytes;
}
