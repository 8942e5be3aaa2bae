import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeDigitsFolder } from '../support/digits.ts';
import { createTempFolder } from '../support/folder.ts';
import { drawSeven, encodePng, joinPng, pngHeader } from '../support/pictures.ts';
import { type CliOptions, type CliResult, preload, runCli } from '../support/run-cli.ts';

const cwd = createTempFolder();
const seven = drawSeven(60, 80);
const good = encodePng(seven);
const bad = '\u001b[31mred\n.png';

function predict(words: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return runCli(['predict', '--model', 'net', ...words], { cwd, ...options });
}

/** Writes a file into the working folder and gives its name. */
function put(name: string, bytes: Uint8Array): string {
  fs.writeFileSync(path.join(cwd, name), bytes);
  return name;
}

/** Reads one picture that cannot be read; gives exit code and first line. */
async function refuse(name: string, options: CliOptions = {}) {
  const { exit, stdout, stderr } = await predict([name], options);
  expect(stdout).toBe('');
  expect(stderr).not.toMatch(/^\s+at /m);
  return [exit, stderr.split('\n')[0]];
}

beforeAll(async () => {
  const words = ['--arch=conv3x3', '--max-steps=1', '--batch-size=20', '--eval-images=10', '--out=net', '-q'];
  const dataset = `--dataset=${writeDigitsFolder(20, 10)}`;
  expect(await runCli(['train', dataset, ...words], { cwd })).toMatchObject({ exit: 0 });
});

describe('predict with good and bad pictures among each other', () => {
  let result: CliResult;
  let readings: readonly Readonly<Record<string, unknown>>[];

  beforeAll(async () => {
    const light = { ...seven, gray: seven.gray.map((value) => 255 - value) };
    const names = [
      put('dark.png', good),
      put('cut.png', good.subarray(0, 60)),
      put('light.png', encodePng(light)),
      put('renamed.jpg', good),
      put('blank.png', encodePng({ ...seven, gray: new Uint8Array(seven.gray.length).fill(255) })),
      put(bad, Buffer.from('no picture')),
    ];
    result = await predict([...names, '--json']);
    readings = result.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>); // the program's own output
  });

  test('exits with 65 at the end, and reads the others (E22)', () => {
    expect([result.exit, readings.map(({ file }) => file)]).toEqual([
      65,
      ['dark.png', 'light.png', 'renamed.jpg', 'blank.png'],
    ]);
  });

  test('reports each bad one in a line of its own, and their number last (E22)', () => {
    const lines = result.stderr.trimEnd().split('\n');
    const errors = lines.slice(0, -1).map((line): unknown => JSON.parse(line));
    expect(errors).toMatchObject([
      { error: { code: 'E_IMAGE_FORMAT', exit: 65, path: 'cut.png' } },
      { error: { code: 'E_IMAGE_FORMAT', exit: 65, path: bad } },
    ]);
    expect(lines.at(-1)).toBe('mnist-cnn: 2 of 6 pictures could not be read');
  });

  test('lets no escape of a name through (E25)', () => {
    expect(result.stderr + result.stdout).not.toContain('\u001b');
  });

  test('reads dark on light as light on dark (E20)', () => {
    expect(readings[1]?.['digit']).toBe(readings[0]?.['digit']);
  });

  test('goes by the content, not by the name (E3)', () => {
    expect(readings[2]).toEqual({ ...readings[0], file: 'renamed.jpg' });
  });

  test('reports no digit where there is no ink (E19)', () => {
    expect(readings[3]).toEqual({
      file: 'blank.png',
      digit: null,
      score: null,
      blank: true,
      unsure: false,
      reason: null,
      ranking: [],
      text: '',
      digits: [],
    });
  });
});

test('predict says "no ink found" of a blank picture (E19)', async () => {
  const name = put('white.png', encodePng({ width: 40, height: 40, gray: new Uint8Array(1600).fill(255) }));
  const { exit, stdout } = await predict([name]);
  expect([exit, stdout]).toEqual([0, 'white.png: no ink found\n']);
});

test('predict escapes names in text, too (E25)', async () => {
  expect(await refuse(put(bad, Buffer.from('no picture')))).toEqual([
    65,
    'mnist-cnn: cannot read \\x1b[31mred\\x0a.png: found text, this tool reads PNG, JPEG, BMP and WebP',
  ]);
});

describe('predict refuses', () => {
  test('to be called without a picture', async () => {
    const { exit, stderr } = await predict([]);
    expect([exit, stderr]).toEqual([
      2,
      'mnist-cnn: predict needs a picture, a folder of pictures, or - for standard input\n    mnist-cnn predict --help\n',
    ]);
  });

  test('a file that is missing (E1)', async () => {
    expect(await refuse('none.png')).toEqual([
      66,
      'mnist-cnn: cannot read none.png: it does not exist (ENOENT)',
    ]);
  });

  test('an empty file (E1)', async () => {
    const name = put('empty.png', new Uint8Array(0));
    expect(await refuse(name)).toEqual([65, 'mnist-cnn: cannot read empty.png: it is empty (0 bytes)']);
  });

  test('a folder without pictures (E1)', async () => {
    fs.mkdirSync(path.join(cwd, 'none'));
    expect(await refuse('none')).toEqual([
      66,
      'mnist-cnn: cannot read none: there are no pictures in this folder',
    ]);
  });

  test('what is a picture of another kind, which it names (E2)', async () => {
    expect(await refuse(put('moving.gif', Buffer.from('GIF89a and more than that')))).toEqual([
      65,
      'mnist-cnn: cannot read moving.gif: found GIF, this tool reads PNG, JPEG, BMP and WebP',
    ]);
  });

  test('half a picture (E4)', async () => {
    expect(await refuse(put('half.png', good.subarray(0, good.length >> 1)))).toEqual([
      65,
      `mnist-cnn: cannot read half.png: the image ends early, after ${good.length >> 1} bytes`,
    ]);
  });

  test('a header of 2^31-1 x 2^31-1 pixels, without room made for it (E6)', async () => {
    const size = { width: 2 ** 31 - 1, height: 2 ** 31 - 1 };
    const name = put('bomb.png', joinPng([['IHDR', pngHeader(size)]]));
    const { exit, stderr } = await predict([name], { nodeFlags: preload('report-peak-memory') });
    const { stderr: small } = await predict([put('text.png', Buffer.from('text'))], {
      nodeFlags: preload('report-peak-memory'),
    });
    const peakKilobytes = (text: string) => Number(/^peak (\d+)$/m.exec(text)?.[1]);
    expect([exit, stderr.split('\n')[0]]).toEqual([
      65,
      'mnist-cnn: cannot read bomb.png: it has 2,147,483,647 x 2,147,483,647 pixels (4,611,686,014,133 MP), the limit is 64 MP',
    ]);
    expect(peakKilobytes(stderr) - peakKilobytes(small)).toBeLessThan(20 * 1024);
  });

  test('a picture too thin for a digit (E18)', async () => {
    const name = put('thin.png', encodePng({ width: 1, height: 500, gray: new Uint8Array(500) }));
    expect(await refuse(name)).toEqual([
      65,
      'mnist-cnn: cannot read thin.png: it has 1 x 500 pixels, too small or too thin for a digit',
    ]);
  });

  test('an empty standard input (E23)', async () => {
    expect(await refuse('-')).toEqual([65, 'mnist-cnn: cannot read standard input: it is empty (0 bytes)']);
  });

  test('more than 32 MiB from standard input (E23)', async () => {
    expect(await refuse('-', { input: 'x'.repeat(2 ** 25 + 1) })).toEqual([
      65,
      'mnist-cnn: cannot read standard input: it has more than 33,554,432 bytes, which is the limit',
    ]);
  });

  test('a file of more than 32 MiB before it is read (E24)', async () => {
    fs.truncateSync(path.join(cwd, put('huge.png', good)), 2 ** 40);
    expect(await refuse('huge.png')).toEqual([
      65,
      'mnist-cnn: cannot read huge.png: it has 1,099,511,627,776 bytes, the limit is 33,554,432',
    ]);
  });
});
