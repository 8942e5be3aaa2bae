import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeRunConfig } from '../../src/run/run-config.ts';
import { hasRun, moveAside } from '../../src/run/run-directory.ts';
import { catchError } from '../support/caught.ts';
import { createTempFolder, readTree } from '../support/folder.ts';
import { createConfig } from '../support/run-config.ts';

describe('moveAside', () => {
  const createNet = () => {
    const folder = path.join(createTempFolder(), 'net');
    fs.mkdirSync(folder);
    return folder;
  };

  test('moves an earlier run, whole, to the first free number', () => {
    const folder = createNet();
    writeRunConfig(folder, createConfig());
    fs.mkdirSync(`${folder}-1`);
    const before = readTree(folder);
    expect(moveAside(folder)).toBe(`${folder}-2`);
    expect([readTree(`${folder}-2`), hasRun(folder)]).toEqual([before, false]);
  });

  test('names it as the folder was named, a slash at the end or not', () => {
    const folder = createNet();
    fs.writeFileSync(path.join(folder, 'x'), '');
    expect(moveAside(`${folder}/`)).toBe(`${folder}-1`);
  });

  test('leaves an empty folder', () => {
    const folder = createNet();
    expect([moveAside(folder), fs.existsSync(folder)]).toEqual([undefined, true]);
  });

  test('has nothing to do where there is no folder', () => {
    expect(moveAside(path.join(createTempFolder(), 'net'))).toBeUndefined();
  });

  test('refuses a file', () => {
    const file = path.join(createTempFolder(), 'net');
    fs.writeFileSync(file, 'mine');
    expect(catchError(() => moveAside(file))).toMatchObject({
      code: 'E_EXISTS',
      message: `cannot use ${file} as the model folder: it is a file`,
    });
  });

  test('refuses a symbolic link', () => {
    const folder = createNet();
    fs.symlinkSync(folder, `${folder}-link`);
    expect(catchError(() => moveAside(`${folder}-link`)).message).toBe(
      `cannot use ${folder}-link as the model folder: it is a symbolic link`,
    );
  });

  test.each([
    ['the current folder', '.'],
    ['the one around it', '..'],
  ])('refuses %s', (_, name) => {
    const folder = path.resolve(name);
    expect(catchError(() => moveAside(name))).toMatchObject({
      code: 'E_EXISTS',
      message: `cannot use ${folder} as the model folder: it is the current folder or a parent of it`,
    });
  });

  test('reports a name that is too long', () => {
    const folder = path.join(createTempFolder(), 'x'.repeat(300));
    expect(catchError(() => moveAside(folder))).toMatchObject({
      code: 'E_NOT_WRITABLE',
      message: `cannot move ${'x'.repeat(199)}…: the name is too long (ENAMETOOLONG)`,
    });
  });
});
