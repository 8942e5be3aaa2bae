import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { type LabeledPicture, listClasses } from '../../src/image/list-classes.ts';
import { catchError } from '../support/caught.ts';
import { createTempFolder } from '../support/folder.ts';

let folder: string;

beforeEach(() => {
  folder = path.join(createTempFolder(), 'own');
});

/** Makes files whose endings say whether they are pictures. */
function place(...names: readonly string[]): void {
  for (const name of names) {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, 'text');
  }
}

const numbered = (folderName: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${folderName}/${index + 1}.png`);
const show = (pictures: readonly LabeledPicture[]) =>
  pictures.map(({ file, label }) => `${path.relative(folder, file)} ${label}`);

describe('listClasses', () => {
  test('takes every fifth picture of each class for testing, in natural order', () => {
    place(...numbered('3', 11), ...numbered('8', 4));
    const { test: held, train, isHeldOut } = listClasses(folder);
    expect([show(held), train.length, isHeldOut]).toEqual([['3/5.png 3', '3/10.png 3'], 13, true]);
  });

  test('gives one picture of each class after the other', () => {
    place(...numbered('0', 3), ...numbered('1', 6), '9/x.jpg');
    expect(show(listClasses(folder).train)).toEqual([
      '0/1.png 0',
      '1/1.png 1',
      '9/x.jpg 9',
      '0/2.png 0',
      '1/2.png 1',
      '0/3.png 0',
      '1/3.png 1',
      '1/4.png 1',
      '1/6.png 1',
    ]);
  });

  test.each([
    ['train', 'test'],
    ['training', 'testing'],
  ])('takes pictures from %s and %s', (train, test_) => {
    place(...numbered(`${train}/7`, 6), `${test_}/2/b.png`);
    const found = listClasses(folder);
    expect([found.train.length, show(found.test), found.isHeldOut, found.others]).toEqual([
      6,
      [`${test_}/2/b.png 2`],
      false,
      [],
    ]);
  });

  test('takes all of its classes for training if there is a folder test', () => {
    place(...numbered('7', 6), 'test/2/b.png');
    const found = listClasses(folder);
    expect([found.train.length, show(found.test), found.others]).toEqual([6, ['test/2/b.png 2'], []]);
  });

  test('lists everything else', () => {
    place(
      ...numbered('7', 5),
      '.DS_Store',
      'readme.txt',
      '10/a.png',
      '7/.DS_Store',
      '7/._1.png',
      '7/notes.txt',
      '7/more/a.png',
      'test/notes.txt',
    );
    expect(new Set(listClasses(folder).others.map((other) => path.relative(folder, other)))).toEqual(
      new Set(['.DS_Store', 'readme.txt', '10', '7/.DS_Store', '7/._1.png', '7/notes.txt', '7/more', 'test']),
    );
  });

  test('lists what lies beside the folder train', () => {
    place(...numbered('train/7', 5), 'notes.txt', 'train/notes.txt');
    expect(listClasses(folder).others.map((other) => path.relative(folder, other))).toEqual([
      'notes.txt',
      'train/notes.txt',
    ]);
  });

  test('refuses a folder without pictures', () => {
    place('3/notes.txt');
    expect(catchError(() => listClasses(folder))).toMatchObject({
      code: 'E_NO_INPUT',
      message: 'cannot read own: there are no pictures in its folders 0 to 9',
      path: folder,
      hint: 'Pictures are PNG, JPEG, BMP and WebP files.',
    });
  });

  test('refuses pictures of which none is left to test by (A31)', () => {
    place(...numbered('3', 4), ...numbered('4', 4));
    expect(catchError(() => listClasses(folder))).toMatchObject({
      code: 'E_NO_INPUT',
      message: 'cannot read own: there is nothing to test by, no class has 5 pictures',
      path: folder,
      hint: `Of each class, every fifth picture is for testing. Add pictures, or put those for testing into ${path.join(folder, 'test')}, in folders 0 to 9.`,
    });
  });

  test('refuses a folder of test pictures that has none (A31)', () => {
    place(...numbered('3', 4), 'test/3/notes.txt');
    expect(catchError(() => listClasses(folder)).message).toBe(
      'cannot read own: there is nothing to test by, its folder of test pictures has none',
    );
  });
});
