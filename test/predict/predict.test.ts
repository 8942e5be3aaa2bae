import { describe, expect, test } from 'vitest';
import { TrainerError } from '../../src/core/errors.ts';
import type { PictureFile } from '../../src/image/list-pictures.ts';
import { predictPictures, type Reading } from '../../src/predict/predict.ts';
import { rankDigits } from '../../src/predict/rank-digits.ts';
import { drawSeven, encodePng } from '../support/pictures.ts';

const seven = encodePng(drawSeven(40, 56));
const blank = encodePng({ width: 40, height: 40, gray: new Uint8Array(1600).fill(255) });
const certain = (digit: number) => Array.from({ length: 10 }, (_, at) => (at === digit ? 5 : 0));

const trust = { temperature: 1, floor: undefined };

/** Reads files out of a table, with a network that takes every picture for a 7. */
async function readAll(files: readonly PictureFile[], table: Readonly<Record<string, Uint8Array>>) {
  const batches: number[] = [];
  const readings: Reading[] = [];
  const options = {
    readBytes: (name: string) => table[name.replace(/\d+/, '')] ?? new Uint8Array(0),
    networks: () => [
      {
        classify: (images: Uint8Array) => {
          batches.push(images.length / 784);
          return Float32Array.from(Array.from({ length: images.length / 784 }, () => certain(7)).flat());
        },
        trust,
      },
    ],
  };
  for await (const reading of predictPictures(files, options)) readings.push(reading);
  return { readings, batches };
}

describe('predictPictures', () => {
  test('gives the digits in the order of the files', async () => {
    const files = Array.from({ length: 10 }, (_, at) => ({ name: `seven${at}` }));
    const { readings } = await readAll(files, { seven });
    expect(readings.map(({ name }) => name)).toEqual(files.map(({ name }) => name));
  });

  test('classifies 64 pictures at once', async () => {
    const files = Array.from({ length: 130 }, (_, at) => ({ name: `seven${at}` }));
    expect((await readAll(files, { seven })).batches).toEqual([64, 64, 2]);
  });

  test('reads the other 99 where one of 100 is bad (E22)', async () => {
    const files = Array.from({ length: 100 }, (_, at) => ({ name: at === 40 ? 'text' : `seven${at}` }));
    const { readings } = await readAll(files, { seven, text: Buffer.from('no picture') });
    expect(readings.filter(({ type }) => type === 'digits')).toHaveLength(99);
    expect(readings[40]).toMatchObject({
      type: 'failed',
      error: { message: 'cannot read text: found text, this tool reads PNG, JPEG, BMP and WebP' },
    });
  });

  test('claims no digit on a blank picture, and does not ask the network', async () => {
    const { readings, batches } = await readAll([{ name: 'blank' }], { blank });
    expect([readings, batches]).toEqual([[{ type: 'blank', name: 'blank', stages: undefined }], []]);
  });

  test('passes on why a file could not even be listed', async () => {
    const error = new TrainerError('E_NO_INPUT', 'cannot read gone: it does not exist (ENOENT)');
    const { readings } = await readAll([{ name: 'gone', error }], {});
    expect(readings).toEqual([{ type: 'failed', name: 'gone', error }]);
  });

  test('keeps the stages where they are requested', async () => {
    const readings = predictPictures([{ name: 'seven' }], {
      readBytes: () => seven,
      networks: () => [{ classify: () => Float32Array.from([...certain(7), ...certain(7)]), trust }],
      keepStages: true,
    });
    for await (const reading of readings) {
      expect(reading.type === 'digits' ? reading.stages?.length : undefined).toBe(4);
    }
  });

  test('lets a failure of the network through', async () => {
    const readings = predictPictures([{ name: 'seven' }], {
      readBytes: () => seven,
      networks: () => {
        throw new Error('the network is gone');
      },
    });
    await expect(readings.next()).rejects.toThrow('the network is gone');
  });
});

describe('rankDigits', () => {
  test('turns logits into probabilities, the largest first', () => {
    const ranking = rankDigits(Float32Array.of(0, 0, 0, 3, 0, 0, 1, 0, 0, 0));
    expect(ranking.slice(0, 2).map(({ digit }) => digit)).toEqual([3, 6]);
    expect(ranking.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 12);
    expect(ranking[0]?.score).toBeCloseTo(Math.exp(3) / (Math.exp(3) + Math.exp(1) + 8), 12);
  });

  test('gives equals by their digit', () => {
    expect(rankDigits(new Float32Array(10)).map(({ digit }) => digit)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
  });

  test('bears logits that would overflow', () => {
    expect(rankDigits(Float32Array.of(1000, 0, 0, 0, 0, 0, 0, 0, 0, 0))[0]).toEqual({ digit: 0, score: 1 });
  });
});
