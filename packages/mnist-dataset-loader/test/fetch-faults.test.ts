import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { networkError } from '../src/fetch-error.ts';
import { defaultLimits } from '../src/limits.ts';
import { watchTransfer } from '../src/watch.ts';
import { createSmallDatabase } from './support/digits.ts';
import { failuresOf, prepareDownload } from './support/download.ts';
import { errorOf } from './support/errors.ts';
import { createTempFolder } from './support/folder.ts';
import { startMirror } from './support/mirror-server.ts';

const database = createSmallDatabase();

test('removes the folder that it has made where no mirror serves anything', async () => {
  const parent = createTempFolder();
  const folder = path.join(parent, 'new');
  const { code } = await errorOf(async () =>
    prepareDownload(database).run({ dataDir: folder, mirrors: [path.join(parent, 'none')] }),
  );
  expect([code, fs.existsSync(folder)]).toEqual(['E_NETWORK', false]);
});

test('refuses a redirect without an address (B14)', async () => {
  const { address } = await startMirror(database.payloads, [{ type: 'status', status: 302 }]);
  const download = prepareDownload(database);
  await errorOf(async () => download.run({ dataDir: createTempFolder(), mirrors: [address] }));
  expect(failuresOf(download.events)).toEqual(['redirect refused: it has no valid target -> give-up']);
});

test('follows the first of two addresses of a redirect', async () => {
  const { address, requests } = await startMirror(database.payloads, [
    { type: 'status', status: 302, headers: { Location: ['/first', '/second'] } },
  ]);
  const download = prepareDownload(database);
  await errorOf(async () => download.run({ dataDir: createTempFolder(), mirrors: [address] }));
  expect(requests[1]?.url).toBe('/first');
});

test('says after how many bytes a connection was cut whose length nobody told', () => {
  const cut = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  expect(networkError(cut, 1000, { receivedBytes: 1200, totalBytes: undefined }).message).toBe(
    'the connection was cut after 1,200 bytes',
  );
});

test('reports what was thrown though it is not an error', () => {
  expect(networkError('https://me:secret@a.example/ is gone', 1000).message).toBe(
    'https://***@a.example/ is gone',
  );
});

test('calls off a transfer that was called off before it began', () => {
  const watch = watchTransfer(defaultLimits, AbortSignal.abort('enough'));
  watch.stop();
  expect(watch.failure()).toBe('enough');
});
