import { describe, expect, test } from 'vitest';
import { random } from '../../src/core/random.ts';
import { createSyntheticDigits, drawSyntheticDigit } from '../../src/data/synthetic.ts';
import { decodeImage } from '../../src/image/decode.ts';
import type { GrayImage } from '../../src/image/gray.ts';
import { type CenteredDigit, centerDigit } from '../../src/predict/center-digit.ts';
import { makePhoto } from '../support/photo.ts';

const three = drawSyntheticDigit(3, random(5, 'test'));
const invert = (image: GrayImage): GrayImage => ({
  ...image,
  pixels: image.pixels.map((value) => 255 - value),
});

/** The picture of a digit, each pixel made `factor` times as wide and high, on paper of that size around it. */
function enlarge(digit: Uint8Array, factor: number, margin = 0): GrayImage {
  const side = 28 * factor + 2 * margin;
  const pixels = new Uint8Array(side * side);
  for (let y = 0; y < 28 * factor; y++) {
    for (let x = 0; x < 28 * factor; x++) {
      const value = digit[Math.floor(y / factor) * 28 + Math.floor(x / factor)] ?? 0;
      pixels[(y + margin) * side + x + margin] = value;
    }
  }
  return { width: side, height: side, pixels };
}

function boxOf({ page }: CenteredDigit) {
  return page.layouts[0]?.rows[0]?.candidates[0]?.box;
}

function meanDifference(one: Uint8Array, other: Uint8Array): number {
  return one.reduce((sum, value, at) => sum + Math.abs(value - (other[at] ?? 0)), 0) / one.length;
}

describe('centerDigit', () => {
  test('keeps a picture that has the framing already, byte for byte', () => {
    expect(centerDigit({ width: 28, height: 28, pixels: three }).framed).toEqual(three);
  });

  test('turns dark ink on white of that framing into light on black', () => {
    expect(centerDigit(invert({ width: 28, height: 28, pixels: three })).framed).toEqual(three);
  });

  test('frames a digit of 28 x 28 that lies off-center', () => {
    const moved = new Uint8Array(784);
    moved.set(three.subarray(3 * 28), 0);
    expect(meanDifference(centerDigit({ width: 28, height: 28, pixels: moved }).framed, three)).toBeLessThan(
      4,
    );
  });

  test('brings an enlarged digit back', () => {
    expect(meanDifference(centerDigit(enlarge(three, 6)).framed, three)).toBeLessThan(4);
  });

  test('finds a small digit in a large picture', () => {
    expect(meanDifference(centerDigit(enlarge(three, 2, 220)).framed, three)).toBeLessThan(5);
  });

  test('frames dark ink on light and light ink on dark alike', () => {
    const light = centerDigit(enlarge(three, 6));
    const dark = centerDigit(invert(enlarge(three, 6)));
    expect(meanDifference(light.framed, dark.framed)).toBeLessThan(0.5);
    expect([light.page.evened.isLightOnDark, dark.page.evened.isLightOnDark]).toEqual([true, false]);
  });

  test('brings digits back from tinted, unevenly lit, noisy pictures of all formats', async () => {
    const { images, count } = createSyntheticDigits({ seed: 11, count: 30 });
    let sum = 0;
    for (let index = 0; index < count; index++) {
      const digit = images.subarray(index * 784, (index + 1) * 784);
      const { bytes, format } = await makePhoto(digit, 3, index);
      const { framed } = centerDigit(await decodeImage({ name: `photo.${format}`, bytes }));
      sum += meanDifference(framed, digit);
    }
    expect(sum / count).toBeLessThan(9);
  });

  test('leaves specks and what runs into the border out', () => {
    const clean = enlarge(three, 6, 20);
    const dirty = { ...clean, pixels: Uint8Array.from(clean.pixels) };
    // A table's edge along the left side, and dust in a corner.
    for (let y = 0; y < clean.height; y++) dirty.pixels.fill(255, y * clean.width, y * clean.width + 6);
    dirty.pixels.fill(255, 5 * clean.width + 190, 5 * clean.width + 193);
    expect(meanDifference(centerDigit(dirty).framed, centerDigit(clean).framed)).toBeLessThan(3);
  });

  test('keeps strokes that stand apart, as the bar of a 5', () => {
    const apart = { width: 100, height: 100, pixels: new Uint8Array(10_000) };
    for (let y = 20; y < 26; y++) apart.pixels.fill(255, y * 100 + 40, y * 100 + 70);
    for (let y = 30; y < 80; y++) apart.pixels.fill(255, y * 100 + 40, y * 100 + 48);
    expect(boxOf(centerDigit(apart))).toEqual({ left: 40, top: 20, right: 70, bottom: 80 });
  });

  test('makes the strokes of a thin pen as wide as those of MNIST', () => {
    const thin = { width: 300, height: 300, pixels: new Uint8Array(90_000).fill(255) };
    for (let y = 40; y < 260; y++) thin.pixels.fill(0, y * 300 + 150, y * 300 + 153);
    const { framed } = centerDigit(thin);
    const row = framed.slice(14 * 28, 15 * 28);
    expect(row.reduce((sum, value) => sum + value, 0) / 255).toBeGreaterThan(1.6);
  });

  test.each([
    ['white', () => 255],
    ['black', () => 0],
    ['gray that falls off to one side', (at: number) => 120 + (at % 200) / 4],
    ['noisy', (at: number) => 128 + 12 * random(1, 'noise', at).normal()],
  ])('finds no ink on paper that is %s', (_kind, levelAt) => {
    const pixels = Uint8Array.from({ length: 200 * 150 }, (_, at) => levelAt(at));
    const { blank, page, framed } = centerDigit({ width: 200, height: 150, pixels });
    expect([blank, page.layouts, framed.every((value) => value === 0)]).toEqual([true, [], true]);
  });

  test('finds no ink on blank paper of the smallest size', () => {
    expect(centerDigit({ width: 4, height: 8, pixels: new Uint8Array(32).fill(255) }).blank).toBe(true);
  });
});

describe('centerDigit on a photo of more than paper', () => {
  const onPaper = invert(enlarge(three, 4, 30));

  test('reads the sheet alone where a table is around it', () => {
    const table = { width: 200, height: 200, pixels: new Uint8Array(40_000).fill(60) };
    for (let y = 0; y < onPaper.height; y++) {
      const row = onPaper.pixels.subarray(y * onPaper.width, (y + 1) * onPaper.width);
      table.pixels.set(row, (y + 12) * 200 + 15);
    }
    expect(meanDifference(centerDigit(table).framed, three)).toBeLessThan(7);
  });

  test('looks past the lines printed on the paper', () => {
    const lined = { ...onPaper, pixels: Uint8Array.from(onPaper.pixels) };
    for (let y = 10; y < lined.height; y += 25) {
      for (let at = y * lined.width; at < (y + 1) * lined.width; at++) {
        lined.pixels[at] = Math.min(215, lined.pixels[at] ?? 0);
      }
    }
    expect(meanDifference(centerDigit(lined).framed, three)).toBeLessThan(6);
  });

  test('takes a 0 that fills its picture for a 0, not for a table', () => {
    const zero = { width: 60, height: 80, pixels: new Uint8Array(4800) };
    for (let y = 0; y < 80; y++) {
      for (let x = 0; x < 60; x++) {
        const radius = Math.hypot((x - 29.5) / 30, (y - 39.5) / 40);
        if (radius > 0.72 && radius < 1.02) zero.pixels[y * 60 + x] = 255;
      }
    }
    const found = centerDigit(zero);
    expect(boxOf(found)).toEqual({ left: 0, top: 0, right: 60, bottom: 80 });
    expect(found.framed[14 * 28 + 14]).toBe(0);
  });
});
