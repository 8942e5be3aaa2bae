import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { drawSeven, toSharp } from '../support/pictures.ts';
import { type CliResult, createTempFolder, runCli } from '../support/run-cli.ts';

const cwd = createTempFolder();
const broken = new URL('../support/preload/break-decoder.mjs', import.meta.url).href;

describe('predict with pictures that a decoder loops and dies over, among others', () => {
  let result: CliResult;
  const pidsOf = (word: string) =>
    fs.readFileSync(path.join(cwd, word), 'utf8').trimEnd().split('\n').map(Number);

  beforeAll(async () => {
    const jpeg = await toSharp(drawSeven()).jpeg().toBuffer();
    const words = ['', 'loops', 'crashes', 'stumbles', '', ''];
    const pictures = words.map((word, index) => {
      const comment = Buffer.from([0xff, 0xfe, 0, 2 + word.length, ...Buffer.from(word)]);
      fs.writeFileSync(
        path.join(cwd, `${index}.jpg`),
        Buffer.concat([jpeg.subarray(0, 2), comment, jpeg.subarray(2)]),
      );
      return `${index}.jpg`;
    });
    const env = { NODE_OPTIONS: `--import ${broken}`, NOTES: cwd };
    result = await runCli(['predict', ...pictures], { cwd, env });
  });

  test('tells both, and lives (E12)', () => {
    expect([result.exit, result.stderr.split('\n').slice(1)]).toEqual([
      65,
      [
        'mnist-cnn: cannot read 1.jpg: decoding took more than 5 s',
        'mnist-cnn: cannot read 2.jpg: its pixels cannot be decoded (the decoder ended over it, SIGSEGV)',
        'mnist-cnn: 2 of 6 pictures could not be read',
        '',
      ],
    ]);
  });

  test('reads the others (E12)', () => {
    const read = ['0.jpg: 7', '3.jpg: 7', '4.jpg: 7', '5.jpg: 7'];
    expect(result.stdout.trimEnd().split('\n')).toEqual(read.map((start) => expect.stringContaining(start)));
  });

  test('leaves no process behind (E12)', () => {
    const [loops, ...more] = pidsOf('loops');
    expect(more).toEqual([]);
    expect(() => process.kill(loops ?? 0, 0)).toThrow('ESRCH');
  });

  test('tries a picture once more where its decoder died, which may have had another reason', () => {
    expect([pidsOf('crashes').length, pidsOf('stumbles').length]).toEqual([2, 1]);
  });
});
