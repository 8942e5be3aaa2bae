import { describe, expect, test } from 'vitest';
import { formatImage } from '../../src/report/half-block.ts';

describe('formatImage', () => {
  test('draws two rows of pixels as one line', () => {
    const pixels = Uint8Array.of(0, 255, 0, 255, 255, 0, 255, 0);
    expect(formatImage(pixels, { width: 2, height: 4, color: false })).toBe(' @\n@');
  });

  test('takes what is missing below an odd height for black', () => {
    expect(formatImage(Uint8Array.of(255), { width: 1, height: 1, color: false })).toBe('+');
  });

  test('writes both halves of a character in their own gray', () => {
    expect(formatImage(Uint8Array.of(255, 0), { width: 1, height: 2, color: true })).toBe(
      '\u001b[38;5;255;48;5;232m▀\u001b[0m',
    );
  });

  test('uses no escape without color', () => {
    const pixels = Uint8Array.from({ length: 784 }, (_, at) => at % 256);
    expect(formatImage(pixels, { width: 28, height: 28, color: false })).not.toContain('\u001b');
  });

  test('reduces a wider picture to the columns there are', () => {
    const lines = formatImage(new Uint8Array(640 * 480).fill(255), { width: 640, height: 480, color: false });
    expect(lines.split('\n').map((line) => line.length)).toEqual(Array.from({ length: 20 }, () => 54));
  });
});
