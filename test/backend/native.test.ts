import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { expect, test } from 'vitest';
import { findLibrary } from '../../setup/layout.mjs';
import { explainLoadFailure, findNativeFiles } from '../../src/backend/native.ts';
import { catchError } from '../support/caught.ts';
import { createTempFolder } from '../support/folder.ts';
import { oldAddon } from '../support/old-addon.ts';
import { compileLibrary, createLibraryFolder } from '../support/run-setup.ts';

const libraryName = path.basename(findLibrary({}).tensorflow);

test('library and addons of this install are found', () => {
  expect(Object.values(findNativeFiles()).map((file) => fs.existsSync(file))).toEqual([
    true,
    true,
    true,
    true,
    true,
  ]);
});

test('an empty cache is reported with the command that fills it', () => {
  const cache = createTempFolder();
  const {
    code,
    message,
    path: file,
    command,
  } = catchError(() => findNativeFiles({ MNIST_CNN_CACHE: cache }));
  expect({ code, message, file: path.dirname(path.dirname(path.dirname(file ?? ''))), command }).toEqual({
    code: 'E_NATIVE',
    message: `TensorFlow is not set up: ${libraryName} is missing`,
    file: cache,
    command: 'npm start',
  });
});

test('a missing library of the user is reported by its variable', () => {
  const folder = createTempFolder();
  const { message, hint } = catchError(() => findNativeFiles({ MNIST_CNN_LIBTENSORFLOW: folder }));
  expect([message, hint]).toEqual([
    `TensorFlow is not set up: ${libraryName} is missing`,
    'MNIST_CNN_LIBTENSORFLOW names a folder without it. Correct the variable, or unset it and run:',
  ]);
});

test('a library without its addon is reported by the addon', () => {
  const folder = createLibraryFolder(createTempFolder(), Buffer.from('a'), Buffer.from('b'));
  expect(catchError(() => findNativeFiles({ ...process.env, MNIST_CNN_LIBTENSORFLOW: folder })).message).toBe(
    'TensorFlow is not set up: its addon tfjs_binding is missing',
  );
});

test('a library that was replaced in place needs another addon', () => {
  const folder = createTempFolder();
  const cache = createTempFolder();
  const environment = { MNIST_CNN_CACHE: cache, MNIST_CNN_LIBTENSORFLOW: folder };
  createLibraryFolder(folder, Buffer.from('a'), Buffer.from('b'));
  const addonOf = () => catchError(() => findNativeFiles(environment)).path;
  fs.mkdirSync(path.join(cache, 'addons'));
  fs.writeFileSync(addonOf() ?? '', ''); // quiet, which does not depend on the library
  const before = addonOf();
  fs.appendFileSync(findLibrary(environment).tensorflow, 'longer');
  expect(addonOf()).not.toBe(before);
});

test('an addon that was built for another Node is reported with both versions (F18)', () => {
  const folder = createTempFolder();
  const file = path.join(folder, 'old.node');
  fs.writeFileSync(file, compileLibrary(folder, oldAddon));
  const files = { ...findNativeFiles(), binding: file };
  let failure: unknown;
  try {
    createRequire(import.meta.url)(file);
  } catch (error) {
    failure = error;
  }
  const { code, message, command } = explainLoadFailure(failure, files);
  expect([code, message, command]).toEqual([
    'E_NATIVE',
    `the addon was built for a different Node: module version 11, running on ${process.versions.modules}`,
    'node setup/main.mjs --rebuild',
  ]);
});

test('an addon that is not a library is reported as damaged', () => {
  const file = path.join(createTempFolder(), 'damaged.node');
  const files = { ...findNativeFiles(), binding: file };
  const { code, message, path: named } = explainLoadFailure(new Error('file too short\nmore'), files);
  expect([code, message, named]).toEqual(['E_NATIVE', 'TensorFlow cannot be loaded: file too short', file]);
});
