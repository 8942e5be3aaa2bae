import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const folders: string[] = [];

/** A new empty folder that is gone after the tests of the file. */
export function createTempFolder(parent = os.tmpdir()): string {
  const folder = fs.mkdtempSync(path.join(parent, 'mnist-cnn-test-'));
  folders.push(folder);
  return folder;
}

/** Removes all of them: vitest.config.ts has it done after each file. */
export function removeTempFolders(): void {
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
}

/** The names and bytes, in base64, of all files below a folder, as one value to compare. */
export function readTree(folder: string): Readonly<Record<string, string>> {
  const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.filter((name) => fs.lstatSync(path.join(folder, name)).isFile());
  return Object.fromEntries(files.map((name) => [name, fs.readFileSync(path.join(folder, name), 'base64')]));
}
