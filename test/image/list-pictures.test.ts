import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { listPictures } from '../../src/image/list-pictures.ts';
import { createTempFolder } from '../support/folder.ts';
import { drawSeven, encodePng } from '../support/pictures.ts';

const png = encodePng(drawSeven(24, 32));
let folder: string;

beforeEach(() => {
  folder = createTempFolder();
});

const place = (name: string, bytes: Uint8Array | string = png) =>
  fs.writeFileSync(path.join(folder, name), bytes);
const namesOf = (...operands: string[]) =>
  [...listPictures(operands)].map(({ name, error }) => error?.message ?? path.relative(folder, name));

describe('listPictures', () => {
  test('gives the pictures of a folder in natural order', () => {
    for (const name of ['10.png', '2.png', '1.png']) place(name);
    expect(namesOf(folder)).toEqual(['1.png', '2.png', '10.png']);
  });

  test('takes files of a folder by their ending or their content', () => {
    place('noend');
    place('damaged.jpg', 'text');
    place('notes.txt', 'text');
    place('.hidden.png');
    fs.mkdirSync(path.join(folder, 'inner.png'));
    expect(namesOf(folder)).toEqual(['damaged.jpg', 'noend']);
  });

  test('takes a file that is named for what it is', () => {
    place('notes.txt', 'text');
    expect(namesOf(path.join(folder, 'notes.txt'))).toEqual(['notes.txt']);
  });

  test('keeps - for standard input', () => {
    expect([...listPictures(['-'])]).toEqual([{ name: '-' }]);
  });

  test('reports a missing file and continues', () => {
    place('1.png');
    expect(namesOf(path.join(folder, 'gone.png'), folder)).toEqual([
      'cannot read gone.png: it does not exist (ENOENT)',
      '1.png',
    ]);
  });

  test('reports a folder without pictures', () => {
    place('notes.txt', 'text');
    const [file] = listPictures([folder]);
    expect(file?.error).toMatchObject({
      code: 'E_NO_INPUT',
      message: `cannot read ${path.basename(folder)}: there are no pictures in this folder`,
    });
  });
});
