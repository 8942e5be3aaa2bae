import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { createTempFolder } from './support/folder.ts';

const built = new URL('../dist/index.js', import.meta.url).href;
const realData = new URL('../../../../shared/mnist', import.meta.url).pathname;
const isMissing = !fs.existsSync(realData);
const note = isMissing ? ' (skipped: the real database is not beside the checkout)' : '';

test.skipIf(isMissing)(`runs the example of the README, which prints what it says${note}`, () => {
  const readme = fs.readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const example = /```js\n(.*?)```/s.exec(readme)?.[1] ?? '';
  const folder = createTempFolder();
  fs.symlinkSync(realData, path.join(folder, 'my-copy'));
  const file = path.join(folder, 'example.mjs');
  fs.writeFileSync(file, example.replace("'mnist-dataset-loader'", `'${built}'`));
  const printed = execFileSync(process.execPath, [file], { cwd: folder, encoding: 'utf8' });
  expect(printed).toBe('10000 images of 784 bytes; the first shows a 7.\n');
  expect(example).toContain(`// ${printed}`);
});
