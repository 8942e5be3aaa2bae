import { type ChildProcess, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { createTempFolder } from '../support/folder.ts';
import { drawSeven, toSharp } from '../support/pictures.ts';
import { type CliOptions, type CliResult, runCli } from '../support/run-cli.ts';

const cwd = createTempFolder();
const broken = new URL('../support/preload/break-decoder.mjs', import.meta.url).href;

const env = { NODE_OPTIONS: `--import ${broken}`, NOTES: cwd };
const pidsOf = (word: string) =>
  fs.readFileSync(path.join(cwd, word), 'utf8').trimEnd().split('\n').map(Number);

/** Whether a process does anything any more: one whose parent has gone may be dead and still listed. */
function isRunning(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.startsWith('Z');
}

/** A picture with a word in it, as a comment. */
async function createPicture(word: string): Promise<Buffer> {
  const jpeg = await toSharp(drawSeven()).jpeg().toBuffer();
  const comment = Buffer.from([0xff, 0xfe, 0, 2 + word.length, ...Buffer.from(word)]);
  return Buffer.concat([jpeg.subarray(0, 2), comment, jpeg.subarray(2)]);
}

describe('predict with pictures that a decoder loops and dies over, among others', () => {
  let result: CliResult;

  beforeAll(async () => {
    const words = ['', 'loops', 'crashes', 'stumbles', '', ''];
    const pictures = words.map((_, index) => `${index}.jpg`);
    for (const [index, word] of words.entries())
      fs.writeFileSync(path.join(cwd, `${index}.jpg`), await createPicture(word));
    result = await runCli(['predict', ...pictures], { cwd, env });
  });

  test('reports both, and lives (E12)', () => {
    expect([result.exit, result.stderr.split('\n').slice(1)]).toEqual([
      65,
      [
        'mnist-cnn: cannot read 1.jpg: decoding took more than 5 s',
        'mnist-cnn: cannot read 2.jpg: its pixels cannot be decoded (the decoder crashed on it, SIGSEGV)',
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

describe('Ctrl-C while predict', () => {
  /** Runs it, interrupts it where `isTime` is so, asked every 10 ms, and tells how it ended and how long that took. */
  async function interrupt(words: readonly string[], isTime: () => boolean, options: CliOptions = {}) {
    let sentMs = Number.NaN;
    const onStart = (child: ChildProcess) => {
      const timer = setInterval(() => {
        if (!isTime()) return;
        clearInterval(timer);
        sentMs = performance.now();
        child.kill('SIGINT');
      }, 10);
    };
    const result = await runCli(['predict', ...words], { cwd, env, onStart, ...options });
    return { ...result, endMs: performance.now() - sentMs };
  }

  test('decodes pictures over which the decoder loops ends both within 1 s (H8)', async () => {
    fs.rmSync(path.join(cwd, 'loops'), { force: true });
    for (const name of ['a.jpg', 'b.jpg', 'c.jpg'])
      fs.writeFileSync(path.join(cwd, name), await createPicture('loops'));
    const hasBegun = () => fs.existsSync(path.join(cwd, 'loops')) && pidsOf('loops').length === 3;
    const { signal, stdout, stderr, endMs } = await interrupt(['a.jpg', 'b.jpg', 'c.jpg'], hasBegun);
    expect([signal, stdout, stderr.split('\n').slice(1)]).toEqual(['SIGINT', '', ['Stopping.', '']]);
    expect(endMs).toBeLessThan(1000);
    await expect.poll(() => pidsOf('loops').filter(isRunning), { timeout: 1000 }).toEqual([]);
  });

  test('waits for a picture that never comes ends it within 1 s (H8)', async () => {
    let timesSaid = 0;
    let stderrSoFar = '';
    const { signal, stderr, endMs } = await interrupt(
      ['-'],
      // It reads when it has said which network it takes, and a little later.
      () => stderrSoFar.includes('pretrained') && ++timesSaid > 30,
      {
        // The program itself holds the other end of the pipe open.
        before: 'mkfifo waits; exec 3<> waits; exec < waits',
        onStderr: (text) => {
          stderrSoFar = text;
        },
      },
    );
    expect([signal, stderr.split('\n').slice(1)]).toEqual(['SIGINT', ['Stopping.', '']]);
    expect(endMs).toBeLessThan(1000);
  });
});
