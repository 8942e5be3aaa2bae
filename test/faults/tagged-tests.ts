import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top folder of the checkout. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

const folders = ['test', 'packages/mnist-dataset-loader/test'];
/** The numbers at the end of a title: `... (A13)'`, `... (A22, A23)'`. */
const tag = /\(([A-J]\d{1,2}(?:, [A-J]\d{1,2})*)\)['"`]/g;
/** The first column of a table of cases: `['A4', ...`, `row: 'A4'`. */
const column = /(?:\[\s*|row: )'([A-J]\d{1,2})'/g;

/** The test files of each row, by the row's number, in the order of their names. */
export function findTaggedTests(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const file of folders.flatMap(listTests)) {
    const text = fs.readFileSync(path.join(root, file), 'utf8');
    const matches = [...text.matchAll(tag), ...text.matchAll(column)];
    const ids = new Set(matches.flatMap(([, list = '']) => list.split(', ')));
    for (const id of ids) found.set(id, [...(found.get(id) ?? []), file]);
  }
  return found;
}

function listTests(folder: string): readonly string[] {
  const names = fs.readdirSync(path.join(root, folder), { recursive: true }).map(String);
  return names
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `${folder}/${name}`)
    .toSorted();
}
