import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { writeDigitsFolder } from '../support/digits.ts';
import { createTempFolder } from '../support/folder.ts';
import { drawSeven, encodePng } from '../support/pictures.ts';
import { runCli } from '../support/run-cli.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const copied = ['package.json', 'tsconfig.json', 'tsconfig.base.json', 'src', 'packages', 'setup', 'native'];

test('the program and its child processes run from source where nothing is built', async () => {
  const cwd = createTempFolder();
  for (const name of copied) {
    fs.cpSync(path.join(root, name), path.join(cwd, name), { recursive: true, filter: isSource });
  }
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(cwd, 'node_modules'));
  fs.writeFileSync(path.join(cwd, 'seven.png'), encodePng(drawSeven()));
  const data = [`--dataset=${writeDigitsFolder(50, 20)}`, '--quiet'];

  for (const words of [
    ['train', ...data, '--out=net'],
    ['inspect', ...data, '--model=net', '--tsne', '--perplexity=5', '--iterations=250'],
    ['filter', 'edge', 'seven.png', '--quiet'],
  ]) {
    const program = path.join(cwd, 'src/cli/main.ts');
    const { exit, stderr } = await runCli(words, { cwd, program, nodeFlags: ['--import', 'tsx'] });
    expect([words[0], exit, stderr]).toEqual([words[0], 0, '']);
  }
  expect(fs.existsSync(path.join(cwd, 'net/tsne/model.png'))).toBe(true);
  expect(fs.existsSync(path.join(cwd, 'seven-edge.png'))).toBe(true);
});

function isSource(file: string): boolean {
  return !['dist', 'node_modules', 'test'].includes(path.basename(file));
}
