import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  type Behavior,
  startMirror,
} from '../../packages/mnist-dataset-loader/test/support/mirror-server.ts';
import { download, mnistNames as names, startFaulty } from '../support/download.ts';
import { createTempFolder, readTree } from '../support/folder.ts';
import { isRealMissing, realFolder, realNote } from '../support/real-mnist.ts';
import { preload, runCli } from '../support/run-cli.ts';

const labelName = names[1];

describe.skipIf(isRealMissing)(`download of the real database${realNote}`, () => {
  const packed = (name: string) => fs.readFileSync(path.join(realFolder, `${name}.gz`));
  const unpacked = (name: string) => gunzipSync(packed(name));

  /** A working folder whose `data` is complete but for one file, which `content` stands for. */
  function createDataWithout(
    missing: string,
    content?: { readonly name: string; readonly bytes: Uint8Array },
  ) {
    const cwd = createTempFolder();
    const data = path.join(cwd, 'data');
    fs.mkdirSync(data);
    for (const name of names) {
      if (name !== missing)
        fs.symlinkSync(path.join(realFolder, `${name}.gz`), path.join(data, `${name}.gz`));
    }
    if (content !== undefined) fs.writeFileSync(path.join(data, content.name), content.bytes);
    return { cwd, data };
  }

  /** The real test images with one pixel changed, unpacked. */
  function createFlipped() {
    const bytes = unpacked('t10k-images-idx3-ubyte');
    bytes[5000] = (bytes[5000] ?? 0) ^ 1;
    return createDataWithout('t10k-images-idx3-ubyte', { name: 't10k-images-idx3-ubyte', bytes });
  }

  const startLabels = (behavior: Behavior) =>
    startMirror(new Map([[labelName, unpacked(labelName)]]), [behavior]);

  test('continues to the next mirror after a 403 and completes the set (B1)', async () => {
    const refusing = await startFaulty({ type: 'status', status: 403 });
    const files = new Map(names.map((name) => [name, packed(name)]));
    const good = await startMirror(files, [{ type: 'plain' }]);
    const { exit, stdout, lines, data } = await download([refusing.address, good.address]);
    expect([exit, stdout, ...lines]).toEqual([
      0,
      'data: complete, 4 files verified\n',
      `${refusing.address}: HTTP 403, forbidden (attempt 1 of 3), trying the next mirror`,
      ...names.map((name) => `fetched ${name} from ${good.address}`),
      'next: mnist-cnn train',
    ]);
    expect(fs.readdirSync(data).sort()).toEqual(names.map((name) => `${name}.gz`).sort());
  });

  test.each([
    ['a web page (B3)', { type: 'html' }, /got HTML, not gzip/],
    ['wrong bytes of the right size (B13)', { type: 'wrong' }, /SHA-256 is [0-9a-f]{64}, expected 65a50cbb/],
  ] as const)('continues to the next mirror after %s', async (_, behavior, reason) => {
    const bad = await startLabels(behavior);
    const { cwd } = createDataWithout(labelName);
    const { exit, lines } = await download([bad.address, realFolder], { cwd });
    expect(exit).toBe(0);
    expect(lines[0]).toMatch(reason);
    expect(lines.slice(1)).toEqual([`fetched ${labelName} from ${realFolder}`, 'next: mnist-cnn train']);
  });

  test('touches no network where everything is there and right (B20)', async () => {
    const words = ['download', '--data-dir', realFolder, '--mirror', 'http://127.0.0.1:1/'];
    const { exit, stdout, stderr } = await runCli(words, { nodeFlags: preload('no-network') });
    expect([exit, stdout, stderr]).toEqual([
      0,
      `${realFolder}: already complete, 4 files verified\n`,
      `next: mnist-cnn train --data-dir ${realFolder}\n`,
    ]);
  });

  test('would have been noticed if it had touched the network (B20)', async () => {
    const { stderr } = await download(['http://127.0.0.1:1/'], { nodeFlags: preload('no-network') });
    expect(stderr).toContain('the network was touched');
  });

  test('notices one changed pixel with --offline (A14, B22)', async () => {
    const { cwd, data } = createFlipped();
    const before = readTree(data);
    const { exit, stderr } = await runCli(['download', '--offline'], { cwd });
    const [first, file, , command] = stderr.split('\n');
    expect(first).toMatch(
      /^mnist-cnn: t10k-images-idx3-ubyte is not the original: its payload's SHA-256 is [0-9a-f]{64}, expected 0fa7898d[0-9a-f]{56}$/,
    );
    expect([exit, file, command, readTree(data)]).toEqual([
      65,
      `  file: ${path.join(data, 't10k-images-idx3-ubyte')}`,
      '    mnist-cnn download',
      before,
    ]);
  });

  test('fetches a damaged file again and keeps it as .bad (A14, B21)', async () => {
    const { cwd, data } = createFlipped();
    const damaged = fs.readFileSync(path.join(data, 't10k-images-idx3-ubyte'));
    const { exit, lines } = await download([realFolder], { cwd });
    expect([exit, lines[1]]).toEqual([0, `fetched t10k-images-idx3-ubyte from ${realFolder}`]);
    expect(lines[0]).toMatch(
      /^mnist-cnn: warning: t10k-images-idx3-ubyte is damaged .*kept as t10k-images-idx3-ubyte\.bad$/,
    );
    const kept = fs.readFileSync(path.join(data, 't10k-images-idx3-ubyte.bad'));
    const fetched = fs.readFileSync(path.join(data, 't10k-images-idx3-ubyte.gz'));
    expect([kept.equals(damaged), fetched.equals(packed('t10k-images-idx3-ubyte'))]).toEqual([true, true]);
    expect(fs.existsSync(path.join(data, 't10k-images-idx3-ubyte'))).toBe(false);
  });

  test('accepts the same payload in another wrapper (A17)', async () => {
    const bytes = gzipSync(unpacked(labelName), { level: 1 });
    expect(bytes.equals(packed(labelName))).toBe(false);
    const { cwd } = createDataWithout(labelName, { name: `${labelName}.gz`, bytes });
    const { exit, stdout } = await runCli(['download', '--offline'], { cwd });
    expect([exit, stdout]).toEqual([0, 'data: already complete, 4 files verified\n']);
  });

  test('goes through the proxy that the environment names (B23)', async () => {
    const proxy = await startLabels({ type: 'serve' });
    const { cwd } = createDataWithout(labelName);
    const { exit } = await download(['http://mirror.example/mnist/'], {
      cwd,
      env: { http_proxy: new URL(proxy.address).origin },
    });
    expect([exit, proxy.requests.map(({ url }) => url)]).toEqual([
      0,
      [`http://mirror.example/mnist/${labelName}.gz`],
    ]);
  });
});
