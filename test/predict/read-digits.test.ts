import { describe, expect, test } from 'vitest';
import type { GrayImage } from '../../src/image/gray.ts';
import type { Network } from '../../src/model/ensemble.ts';
import { framedOf, lookAt } from '../../src/predict/page.ts';
import { choosePages, readDigits } from '../../src/predict/read-digits.ts';
import { drawSeven } from '../support/pictures.ts';

const trust = { temperature: 1, floor: undefined };

/** A network that takes the first image of a call for a 0, the second for a 1, and so on; and how many it was given. */
function countingNetwork(): Network & { readonly calls: number[] } {
  const calls: number[] = [];
  const classify = (images: Uint8Array) => {
    const count = images.length / 784;
    calls.push(count);
    return Float32Array.from({ length: count * 10 }, (_, at) => (at % 10 === Math.floor(at / 10) ? 9 : 0));
  };
  return { calls, classify, trust };
}

/** Sevens of 40 x 56 pixels side by side. */
function drawSevens(count: number): GrayImage {
  const { gray, width, height } = drawSeven(40, 56);
  const pixels = new Uint8Array(width * count * height);
  for (let at = 0; at < pixels.length; at++) {
    pixels[at] = gray[Math.floor(at / (width * count)) * width + (at % width)] ?? 0;
  }
  return { width: width * count, height, pixels };
}

const blank = { width: 40, height: 40, pixels: new Uint8Array(1600).fill(255) };

describe('readDigits', () => {
  test('gives the digits from left to right, each with its box', async () => {
    const digits = await readDigits(drawSevens(3), countingNetwork());
    const lefts = digits.map(({ box }) => Math.floor(box.left / 40));
    expect(lefts).toEqual([0, 1, 2]);
  });

  test('gives boxes in pixels of the picture that was reduced', async () => {
    const [whole] = await readDigits(drawSevens(1), countingNetwork());
    const [reduced] = await readDigits({ ...drawSevens(1), scale: 3 }, countingNetwork());
    expect(reduced?.box.right).toBe(3 * (whole?.box.right ?? 0));
  });

  test('takes all ink for one digit if asked', async () => {
    expect(await readDigits(drawSevens(3), countingNetwork(), true)).toHaveLength(1);
  });

  test('finds none in a blank picture, and does not ask the network', async () => {
    const network = countingNetwork();
    expect([await readDigits(blank, network), network.calls]).toEqual([[], []]);
  });
});

test('choosePages asks the network once, and gives each page its own answers', async () => {
  const network = countingNetwork();
  const pages = [lookAt(drawSevens(1)), lookAt(blank), lookAt(drawSevens(1))];
  const perPage = framedOf(lookAt(drawSevens(1))).length;
  const choices = await choosePages(pages, [network]);
  expect(network.calls).toEqual([2 * perPage]);
  expect(choices.map(({ digits }) => digits[0]?.ranking[0]?.digit)).toEqual([0, undefined, perPage]);
});
