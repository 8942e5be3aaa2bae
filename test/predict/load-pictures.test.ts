import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { createSyntheticDigits } from '../../src/data/synthetic.ts';
import { decodeImage } from '../../src/image/decode.ts';
import { centerDigit } from '../../src/predict/center-digit.ts';
import { loadPictures } from '../../src/predict/load-pictures.ts';
import { createTempFolder } from '../support/folder.ts';
import { drawSeven, encodePng, grayPalette, joinBmp, toSharp } from '../support/pictures.ts';

let folder: string;

beforeEach(() => {
  folder = createTempFolder();
});

function place(name: string, bytes: Uint8Array | string): string {
  const file = path.join(folder, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, bytes);
  return file;
}

const seven = drawSeven(64, 80);
const png = encodePng(seven);
const blank = encodePng({ width: 40, height: 40, gray: new Uint8Array(1600).fill(255) });

describe('loadPictures', () => {
  test.each([
    ['a.png', () => png],
    ['b.jpg', () => toSharp(seven).jpeg().toBuffer()],
    ['c.webp', () => toSharp(seven).webp({ lossless: true }).toBuffer()],
    [
      'd.bmp',
      () =>
        joinBmp({ ...seven, bits: 8, height: -seven.height, palette: grayPalette(256), pixels: seven.gray }),
    ],
  ])('frames %s as predict does', async (name, encode) => {
    const bytes = await encode();
    place('test/7/a.png', png);
    place(`train/7/${name}`, bytes);
    const { train } = await loadPictures(folder);
    expect(train.images).toEqual(centerDigit(await decodeImage({ name, bytes })).framed);
  });

  test('keeps images that are framed as MNIST already, byte for byte, with their labels', async () => {
    const { images, labels } = createSyntheticDigits({ seed: 5, count: 40 });
    labels.forEach((label, index) => {
      const gray = images.subarray(index * 784, (index + 1) * 784);
      for (const split of ['train', 'test'])
        place(`${split}/${label}/${index}.png`, encodePng({ width: 28, height: 28, gray }));
    });
    const { train } = await loadPictures(folder);
    const order = [...labels.keys()].sort(
      (one, other) => rank(one) - rank(other) || (labels[one] ?? 0) - (labels[other] ?? 0),
    );
    function rank(index: number): number {
      return labels.subarray(0, index).filter((label) => label === labels[index]).length;
    }
    expect([...train.labels]).toEqual(order.map((index) => labels[index]));
    expect(Buffer.from(train.images)).toEqual(
      Buffer.concat(order.map((index) => images.subarray(index * 784, (index + 1) * 784))),
    );
  });

  test('says how it split a folder without test pictures', async () => {
    for (const name of ['1', '2', '3', '4', '5']) place(`7/${name}.png`, png);
    const { notes, train, test: held } = await loadPictures(folder);
    expect([notes, train.labels.length, held.labels.length]).toEqual([
      [`${folder} has no folder test: every fifth picture of each class is a test image, 1 of 5`],
      4,
      1,
    ]);
  });

  test('warns about what is not read, by the first few names', async () => {
    for (const split of ['train', 'test']) place(`${split}/7/a.png`, png);
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) place(`train/7/${name}.txt`, 'text');
    const names = ['a', 'b', 'c', 'd', 'e']
      .map((name) => path.join(folder, `train/7/${name}.txt`))
      .join(', ');
    expect((await loadPictures(folder)).warnings).toEqual([
      `not pictures in folders 0 to 9, and left out: ${names}, and 2 more`,
    ]);
  });

  test('reports the first of several pictures that cannot be read', async () => {
    for (const name of ['1', '2', '4', '5', '6', '7', '8']) place(`7/${name}.png`, png);
    const cut = place('7/3.png', png.subarray(0, 200));
    place('7/9.png', 'text');
    await expect(loadPictures(folder)).rejects.toMatchObject({
      code: 'E_IMAGE_FORMAT',
      message: 'cannot read 3.png: the image ends early, after 200 bytes',
      path: cut,
    });
  });

  test('refuses a picture without ink', async () => {
    for (const split of ['train', 'test']) place(`${split}/7/a.png`, png);
    const file = place('train/7/b.png', blank);
    await expect(loadPictures(folder)).rejects.toMatchObject({
      code: 'E_IMAGE_FORMAT',
      message: 'cannot read b.png: found no ink, expected a digit',
      path: file,
    });
  });

  test('counts the pictures that it has read', async () => {
    for (const split of ['train', 'test']) place(`${split}/7/a.png`, png);
    const counts: (readonly number[])[] = [];
    await loadPictures(folder, { onPicture: (done, total) => counts.push([done, total]) });
    expect(counts).toEqual([
      [1, 2],
      [2, 2],
    ]);
  });

  test('ends with the reason of its signal', async () => {
    for (const split of ['train', 'test']) place(`${split}/7/a.png`, png);
    await expect(loadPictures(folder, { signal: AbortSignal.abort('enough') })).rejects.toBe('enough');
  });
});
