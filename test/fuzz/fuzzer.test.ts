import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createTempFolder } from '../support/folder.ts';

interface Search {
  readonly inputs: number;
  readonly finds: readonly string[];
}

test('the fuzzer finds a fault behind three doors, and keeps its bytes', () => {
  const folder = createTempFolder();
  const maze = fileURLToPath(new URL('maze.ts', import.meta.url));
  const output = execFileSync(process.execPath, ['--import', 'tsx', maze, folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [guided, again, blind] = JSON.parse(output) as readonly Search[]; // written by maze.ts
  expect(guided?.finds).toEqual([expect.stringMatching(/^an untyped error: Error: the end of the maze/)]);
  const files = fs.readdirSync(folder).filter((name) => /^maze-[0-9a-f]{12}$/.test(name));
  expect(files.map((name) => fs.readFileSync(`${folder}/${name}`).toString('latin1', 0, 3))).toContain('maz');
  // The same seed finds the same; without coverage nothing does.
  expect([again, blind?.finds]).toEqual([guided, []]);
});
