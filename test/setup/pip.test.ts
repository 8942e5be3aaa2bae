import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { findWheel, installCommand } from '../../setup/platforms.mjs';
import { createTempFolder } from '../support/folder.ts';
import { runSetup } from '../support/run-setup.ts';

test('without Python and pip it says what to install (C2)', async () => {
  const folder = createTempFolder();
  const { exit, stderr } = await runSetup(path.join(folder, 'cache'), [], { env: { PATH: folder } });
  expect(exit).toBe(69);
  expect(stderr).toBe(
    `mnist-cnn: cannot download TensorFlow: neither python3 -m pip nor pip3 works
  Python's pip fetches and verifies it. Install pip, or name a wheel you have with --wheel FILE.
    ${installCommand('pip')}
`,
  );
});

test('where Python itself does not work, its own words are shown, and the variable that leads it astray (C2)', async () => {
  const folder = createTempFolder();
  const env = { PYTHONHOME: folder, PYTHONPATH: undefined };
  const { exit, stderr } = await runSetup(path.join(folder, 'cache'), [], { env });
  const lines = errorOf(stderr).trimEnd().split('\n');
  expect([exit, lines[0], ...lines.slice(-2)]).toEqual([
    69,
    'mnist-cnn: cannot download TensorFlow: python3 -m pip does not work: exit code 1',
    '  The variable PYTHONHOME may point Python to the wrong place. Try without it:',
    '    env -u PYTHONHOME SETUP --native',
  ]);
  expect(stderr).toContain('  | ModuleNotFoundError: ');
});

test('a pip that is too old for such wheels is reported, with its own words (C2)', async () => {
  const folder = createTempFolder();
  const words = 'No matching distribution found';
  writeScript(
    path.join(folder, 'python3'),
    `case "$*" in *" --version") echo "pip 18.1 from x (python 3.7)";; *) echo "${words}" >&2; exit 1;; esac`,
  );
  const { exit, stderr } = await runSetup(path.join(folder, 'cache'), ['--quiet'], {
    env: { PATH: `${folder}:/bin` },
  });
  expect([exit, errorOf(stderr)]).toEqual([
    69,
    `mnist-cnn: cannot download ${findWheel().project} 2.21.0: pip 18 ended with exit code 1
  | ${words}
  It is too old for such wheels, or the package index was unreachable. Update pip:
    python3 -m pip install --upgrade pip
`,
  ]);
});

function writeScript(file: string, text: string): void {
  fs.writeFileSync(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
}

// The error's text, with a name in the place of the program's path.
function errorOf(stderr: string): string {
  return stderr.slice(stderr.indexOf('mnist-cnn: ')).replace(/node \S*setup\/main\.mjs/, 'SETUP');
}
