import fs from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeProjector } from '../../src/report/projector-files.ts';
import { createTempFolder } from '../support/folder.ts';

const folder = path.join(createTempFolder(), 'projector');
const read = (name: string) => fs.readFileSync(path.join(folder, name), 'utf8');

describe("the projector's files", () => {
  beforeAll(async () => {
    const images = new Uint8Array(5 * 784);
    images[4 * 784] = 200;
    await writeProjector(folder, {
      name: 'model "a"',
      values: Float64Array.of(1, 2.5, -3, 1 / 3, 0, 0, 1e-9, 4, 5, 6),
      width: 2,
      labels: Uint8Array.of(7, 2, 1, 0, 4),
      predictions: Uint8Array.of(7, 3, 1, 0, 4),
      images,
    });
  });

  test('hold a line of numbers for each point', () => {
    expect(read('tensors.tsv')).toBe('1\t2.5\n-3\t0.333333\n0\t0\n1e-9\t4\n5\t6\n');
  });

  test('say label and reading of each under a header', () => {
    expect(read('metadata.tsv').split('\n').slice(0, 3)).toEqual([
      'index\tlabel\tprediction\treading',
      '0\t7\t7\tright',
      '1\t2\t3\twrong',
    ]);
  });

  test('hold a square of pictures, black on white, row by row', async () => {
    const { data, info } = await sharp(path.join(folder, 'sprite.png'))
      .raw()
      .toBuffer({ resolveWithObject: true });
    // The fifth of three in a row: second row, second column.
    expect([info.width, info.height, data[(28 * 84 + 28) * info.channels], data[0]]).toEqual([
      84, 84, 55, 255,
    ]);
  });

  test('name each other', () => {
    expect(read('projector_config.pbtxt')).toBe(
      'embeddings {\n  tensor_name: "model \\"a\\""\n  tensor_path: "tensors.tsv"\n  metadata_path: "metadata.tsv"\n  sprite {\n    image_path: "sprite.png"\n    single_image_dim: 28\n    single_image_dim: 28\n  }\n}\n',
    );
  });
});
