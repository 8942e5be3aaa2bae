import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listPictures } from '../../src/image/list-pictures.ts';
import { drawSeven, encodePng } from '../support/pictures.ts';

const png = encodePng(drawSeven(24, 32));
let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'pictures-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

const place = (name: string, bytes: Uint8Array | string = png) =>
  fs.writeFileSync(path.join(folder, name), bytes);
const namesOf = (...operands: string[]) =>
  [...listPictures(operands)].map(({ name, error }) => error?.message ?? path.relative(folder, name));

describe('listPictures', () => {
  it('gives the pictures of a folder in natural order', () => {
    for (const name of ['10.png', '2.png', '1.png']) place(name);
    expect(namesOf(folder)).toEqual(['1.png', '2.png', '10.png']);
  });

  it('takes files of a folder by their ending or their content', () => {
    place('noend');
    place('damaged.jpg', 'text');
    place('notes.txt', 'text');
    place('.hidden.png');
    fs.mkdirSync(path.join(folder, 'inner.png'));
    expect(namesOf(folder)).toEqual(['damaged.jpg', 'noend']);
  });

  it('takes a file that is named for what it is', () => {
    place('notes.txt', 'text');
    expect(namesOf(path.join(folder, 'notes.txt'))).toEqual(['notes.txt']);
  });

  it('keeps - for standard input', () => {
    expect([...listPictures(['-'])]).toEqual([{ name: '-' }]);
  });

  it('reports a missing file and continues', () => {
    place('1.png');
    expect(namesOf(path.join(folder, 'gone.png'), folder)).toEqual([
      'cannot read gone.png: it does not exist (ENOENT)',
      '1.png',
    ]);
  });

  it('reports a folder without pictures', () => {
    place('notes.txt', 'text');
    const [file] = listPictures([folder]);
    expect(file?.error).toMatchObject({
      code: 'E_NO_INPUT',
      message: `cannot read ${path.basename(folder)}: there are no pictures in this folder`,
    });
  });
});
