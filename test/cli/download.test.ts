import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { startMirror } from '../../packages/mnist-dataset-loader/test/support/mirror-server.ts';
import { download, linesOf, mnistNames, startFaulty } from '../support/download.ts';
import { createTempFolder } from '../support/folder.ts';
import { encodeIdx } from '../support/idx.ts';
import { preload, runCli } from '../support/run-cli.ts';

const [firstName] = mnistNames;

/** A mirror that holds only the first file, with pixels that are all 0. */
const startForger = () => {
  const forged = gzipSync(encodeIdx([60_000, 28, 28], new Uint8Array(47_040_000)));
  return startMirror(new Map([[firstName, forged]]), [{ type: 'plain' }]);
};

describe('download that cannot succeed', () => {
  test('names file and folder and creates nothing with --offline (A1, B22)', async () => {
    const cwd = createTempFolder();
    const result = await runCli(['download', '--offline'], { cwd });
    expect([result.exit, ...linesOf(result), fs.readdirSync(cwd)]).toEqual([
      66,
      `mnist-cnn: cannot find ${firstName}.gz or ${firstName}: there is no folder data`,
      `  file: ${path.join(cwd, 'data')}`,
      '  Fetch the data, or name the folder that holds it.',
      '    mnist-cnn download',
      [],
    ]);
  });

  test('names each mirror with its reason and the way without a network (B2)', async () => {
    const [gone, forbidden] = [
      await startFaulty({ type: 'status', status: 404 }),
      await startFaulty({ type: 'status', status: 403 }),
    ];
    const closed = 'http://127.0.0.1:1/';
    const { exit, lines, data } = await download([gone.address, forbidden.address, closed]);
    expect([exit, ...lines.slice(3), fs.existsSync(data)]).toEqual([
      69,
      `mnist-cnn: cannot fetch ${firstName}.gz: 3 of 3 mirrors failed (${gone.address}: HTTP 404, not found; ` +
        `${forbidden.address}: HTTP 403, forbidden; ${closed}: the connection was refused (ECONNREFUSED))`,
      '  Try again; or without a network, name a folder with the four files as a mirror or as the data folder.',
      '    mnist-cnn download',
      false,
    ]);
  });

  test('does not keep a web page in place of the data (B3)', async () => {
    const portal = await startFaulty({ type: 'html' });
    const { exit, lines, data } = await download([portal.address]);
    expect([exit, lines[1], fs.existsSync(data)]).toEqual([
      69,
      `mnist-cnn: cannot fetch ${firstName}.gz: 1 of 1 mirrors failed (${portal.address}: got HTML, not gzip)`,
      false,
    ]);
  });

  test('exits with 65 where all mirrors serve wrong bytes, and keeps none (B13)', async () => {
    const forger = await startForger();
    const { exit, lines, data } = await download([forger.address]);
    expect([exit, fs.existsSync(data)]).toEqual([65, false]);
    expect(lines[1]).toMatch(
      /\/mnist\/: train-images-idx3-ubyte\.gz is not the original: its payload's SHA-256 is [0-9a-f]{64}, expected ba891046[0-9a-f]{56}\)$/,
    );
    expect(lines.slice(2)).toEqual([
      '  The files there may be damaged or altered: name another mirror.',
      '    mnist-cnn download',
    ]);
  });

  test('ends by Ctrl-C within 1 s and leaves no temp file (B18)', async () => {
    const refusing = await startFaulty({ type: 'status', status: 403 });
    const stalling = await startFaulty({ type: 'stall', afterBytes: 10 });
    let stoppedMs = Number.NaN;
    const stop = async (child: { kill: (signal: 'SIGINT') => void }) => {
      await vi.waitFor(() => expect(stalling.requests).toHaveLength(1), 10_000);
      stoppedMs = performance.now();
      child.kill('SIGINT');
    };
    const { signal, lines, data } = await download([refusing.address, stalling.address], {
      onStderr: (text, child) => {
        if (text.endsWith('trying the next mirror\n')) void stop(child);
      },
    });
    expect(performance.now() - stoppedMs).toBeLessThan(1000);
    expect([signal, lines.slice(1), fs.existsSync(data)]).toEqual(['SIGINT', ['Stopping.'], false]);
  });

  test('shows credentials of mirror and proxy as *** (B23)', async () => {
    const proxy = await startFaulty({ type: 'status', status: 407 });
    const http_proxy = `http://me:secret@${new URL(proxy.address).host}`;
    const result = await download(['http://you:hidden@mirror.example/mnist/'], { env: { http_proxy } });
    expect(result.stderr).not.toMatch(/secret|hidden/);
    expect([result.exit, result.lines[1]]).toEqual([
      69,
      `mnist-cnn: cannot fetch ${firstName}.gz: 1 of 1 mirrors failed (http://***:***@mirror.example/mnist/: ` +
        'the proxy requires a name and a password (407))',
    ]);
  });

  test('finds out before any request that the data folder is a file (B27)', async () => {
    const mirror = await startFaulty({ type: 'serve' });
    const cwd = createTempFolder();
    fs.writeFileSync(path.join(cwd, 'data'), 'mine');
    const { exit, lines } = await download([mirror.address], { cwd });
    expect([exit, ...lines, mirror.requests.length, fs.readFileSync(path.join(cwd, 'data'), 'utf8')]).toEqual(
      [
        73,
        'mnist-cnn: cannot write to the folder data: it is a file',
        `  file: ${path.join(cwd, 'data')}`,
        '  Name another folder, or make this one writable.',
        `    mnist-cnn download --mirror ${mirror.address} --data-dir ${path.join(os.homedir(), 'mnist')}`,
        0,
        'mine',
      ],
    );
  });

  test('finds out before any request that the folder is not writable (B27)', async () => {
    const mirror = await startFaulty({ type: 'serve' });
    const cwd = createTempFolder();
    fs.chmodSync(cwd, 0o555);
    const { exit, lines } = await download([mirror.address], {
      cwd,
      nodeFlags: preload('without-privileges'),
    });
    expect([exit, lines[0], mirror.requests.length]).toEqual([
      73,
      'mnist-cnn: cannot write to the folder data: permission denied (EACCES)',
      0,
    ]);
  });
});
