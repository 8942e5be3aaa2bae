import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { downloadFiles } from '../src/download.ts';
import { createSmallDatabase, sha256 } from './support/digits.ts';
import { failuresOf, prepareDownload } from './support/download.ts';
import { failureOf } from './support/errors.ts';
import { createTempFolder, readTree } from './support/folder.ts';
import { lasting, shortLimits as limits, passing } from './support/mirror-faults.ts';
import { type Behavior, startMirror } from './support/mirror-server.ts';

const database = createSmallDatabase();
const first = 'train-images-idx3-ubyte';
const fileNames = database.sources.map(({ name }) => `${name}.gz`).toSorted();

test('fetches all four files from a mirror that serves them', async () => {
  const folder = createTempFolder();
  const mirror = await startMirror(database.payloads);
  const { files } = await prepareDownload(database).run({ dataDir: folder, mirrors: [mirror.address] });
  expect(files.map(({ status, mirror: from }) => [status, from])).toEqual(
    Array.from({ length: 4 }, () => ['fetched', mirror.address]),
  );
  expect(readdirSync(folder).toSorted()).toEqual(fileNames);
});

test('asks for the bytes as they are, and for no part of them (B16)', async () => {
  const mirror = await startMirror(database.payloads);
  await prepareDownload(database).run({ dataDir: createTempFolder(), mirrors: [mirror.address] });
  const { headers } = mirror.requests[0] ?? {};
  expect(headers).toMatchObject({ 'accept-encoding': 'identity' });
  expect(headers).not.toHaveProperty('range');
});

test.each(lasting)(
  'goes to the next mirror at once where one $name (B1, B3, B6, B12, B14)',
  async ({ behavior, reason }) => {
    const bad = await startMirror(database.payloads, [behavior]);
    const good = await startMirror(database.payloads);
    const folder = createTempFolder();
    const download = prepareDownload(database);
    const { files } = await download.run({ dataDir: folder, mirrors: [bad.address, good.address] });
    expect(files.map(({ mirror }) => mirror)).toEqual(Array.from({ length: 4 }, () => good.address));
    expect(failuresOf(download.events)).toEqual([`${reason} -> next-mirror`]);
    expect(readdirSync(folder).toSorted()).toEqual(fileNames);
  },
);

test.each(passing)(
  'tries three times, then the next mirror, where one $name (B4, B5, B7, B8)',
  async ({ behavior, reason }) => {
    const bad = await startMirror(database.payloads, [behavior]);
    const good = await startMirror(database.payloads);
    const download = prepareDownload(database);
    await download.run({ dataDir: createTempFolder(), mirrors: [bad.address, good.address], limits });
    expect(failuresOf(download.events)).toEqual([
      `${reason} -> retry`,
      `${reason} -> retry`,
      `${reason} -> next-mirror`,
    ]);
    expect(bad.requests.length).toBe(3);
  },
);

test('waits longer before each attempt (B4)', async () => {
  const bad = await startMirror(database.payloads, [{ type: 'status', status: 500 }]);
  const good = await startMirror(database.payloads);
  const download = prepareDownload(database);
  await download.run({ dataDir: createTempFolder(), mirrors: [bad.address, good.address] });
  expect(download.waitsMs).toEqual([500, 1000]);
});

test('waits as long as the mirror asks, up to a minute (B4)', async () => {
  const asks = (seconds: number) =>
    ({ type: 'status', status: 503, headers: { 'retry-after': String(seconds) } }) as const;
  const mirror = await startMirror(database.payloads, [asks(7), asks(60), { type: 'serve' }]);
  const download = prepareDownload(database);
  await download.run({ dataDir: createTempFolder(), mirrors: [mirror.address] });
  expect(download.waitsMs).toEqual([7000, 60_000]);
});

test.each([
  {
    name: 'resets the connection',
    behavior: { type: 'reset', afterBytes: 9000 },
    reason: /^the connection was cut after [\d,]+ of 23,\d+ bytes -> retry$/,
  },
  {
    name: 'sends fewer bytes than it declares',
    behavior: { type: 'wrong-length', byBytes: 50 },
    reason: /^the connection was cut after 23,5\d\d of 23,6\d\d bytes -> retry$/,
  },
  {
    name: 'sends more bytes than it declares',
    behavior: { type: 'wrong-length', byBytes: -50 },
    reason: /the gzip data ends early -> retry$/,
  },
] as const)('tries again where a mirror $name once (B9, B10)', async ({ behavior, reason }) => {
  const mirror = await startMirror(database.payloads, [behavior, { type: 'serve' }]);
  const download = prepareDownload(database);
  const { files } = await download.run({ dataDir: createTempFolder(), mirrors: [mirror.address] });
  expect(failuresOf(download.events)).toEqual([expect.stringMatching(reason)]);
  expect(files.map(({ status }) => status)).toEqual(['fetched', 'fetched', 'fetched', 'fetched']);
});

test('says after how many bytes the connection was cut (B9)', async () => {
  const mirror = await startMirror(database.payloads, [{ type: 'reset', afterBytes: 0 }]);
  const dead = prepareDownload(database).run({ dataDir: createTempFolder(), mirrors: [mirror.address] });
  expect(await failureOf(() => dead)).toMatch(/the connection was cut after 0 of [\d,]+ bytes/);
});

test.each(['chunked', 'late', 'packed', 'plain'] as const)(
  'takes the right bytes though the answer is %s (B11, B28)',
  async (type) => {
    const behavior: Behavior = type === 'late' ? { type, delayMs: 20 } : { type };
    const mirror = await startMirror(database.payloads, [behavior]);
    const folder = createTempFolder();
    const { files } = await prepareDownload(database).run({
      dataDir: folder,
      mirrors: [mirror.address],
      limits,
    });
    expect(files.map(({ status }) => status)).toEqual(['fetched', 'fetched', 'fetched', 'fetched']);
    const suffix = type === 'plain' ? '' : '.gz';
    expect(readdirSync(folder).toSorted()).toEqual(fileNames.map((name) => name.replace('.gz', suffix)));
  },
);

test('tries the next mirror where one serves wrong bytes of the right size', async () => {
  const wrong = await startMirror(database.payloads, [{ type: 'wrong' }]);
  const good = await startMirror(database.payloads);
  const download = prepareDownload(database);
  const { files } = await download.run({
    dataDir: createTempFolder(),
    mirrors: [wrong.address, good.address],
  });
  expect(failuresOf(download.events)).toEqual([
    expect.stringMatching(/is not the original: .* -> next-mirror$/),
  ]);
  expect(files[0]?.mirror).toBe(good.address);
});

test('reports both hashes, and keeps nothing, where all mirrors serve wrong bytes', async () => {
  const mirrors = [await startMirror(database.payloads, [{ type: 'wrong' }])];
  mirrors.push(await startMirror(database.payloads, [{ type: 'wrong' }]));
  const folder = createTempFolder();
  const [source] = database.sources;
  const payload = database.payloads.get(first) ?? Buffer.of();
  const actual = sha256(payload.map((byte, index) => (index === 200 ? byte ^ 1 : byte)));
  const reason = `${first}.gz is not the original: its payload's SHA-256 is ${actual}, expected ${source?.sha256}`;
  const addresses = mirrors.map(({ address }) => address);
  const run = async () => prepareDownload(database).run({ dataDir: folder, mirrors: addresses });
  expect(await failureOf(run)).toBe(
    `E_CHECKSUM: cannot fetch ${first}.gz: 2 of 2 mirrors failed (${addresses.map((each) => `${each}: ${reason}`).join('; ')})`,
  );
  expect(readTree(folder)).toEqual({});
});

test('names each mirror with its reason where none serves the file', async () => {
  const closed = 'http://127.0.0.1:1/mnist/';
  const forbidden = await startMirror(database.payloads, [{ type: 'status', status: 403 }]);
  const folder = createTempFolder();
  const mirrors = ['/nowhere/mnist', closed, forbidden.address];
  expect(await failureOf(async () => prepareDownload(database).run({ dataDir: folder, mirrors }))).toBe(
    `E_NETWORK: cannot fetch ${first}.gz: 3 of 3 mirrors failed (/nowhere/mnist: there is no ${first}.gz; ` +
      `${closed}: the connection was refused (ECONNREFUSED); ${forbidden.address}: HTTP 403, forbidden)`,
  );
  expect(readTree(folder)).toEqual({});
});

test('says that a name cannot be resolved', async () => {
  const run = async () =>
    prepareDownload(database).run({ dataDir: createTempFolder(), mirrors: ['http://mirror.invalid/'] });
  expect(await failureOf(run)).toMatch(
    /http:\/\/mirror\.invalid\/: the name cannot be resolved( just now)? \((ENOTFOUND|EAI_AGAIN)\)\)$/,
  );
});

test('gives up on all files together after the total limit (B8)', async () => {
  const mirror = await startMirror(database.payloads, [{ type: 'silent' }]);
  const run = async () =>
    prepareDownload(database).run({
      dataDir: createTempFolder(),
      mirrors: [mirror.address],
      limits: { totalMs: 50 },
    });
  expect(await failureOf(run)).toBe('E_NETWORK: cannot fetch the data: not finished within 0.05 s');
});

test('gives up one attempt after its limit though bytes keep coming (B8)', async () => {
  const mirror = await startMirror(database.payloads, [{ type: 'crawl', afterBytes: 10 }, { type: 'serve' }]);
  const download = prepareDownload(database);
  await download.run({ dataDir: createTempFolder(), mirrors: [mirror.address], limits: { attemptMs: 400 } });
  expect(failuresOf(download.events)).toEqual(['not finished within 0.4 s -> retry']);
});

test('stops at once when called off, and leaves no file (B18)', async () => {
  const mirror = await startMirror(database.payloads, [{ type: 'serve' }, { type: 'stall', afterBytes: 10 }]);
  const folder = createTempFolder();
  const stop = new AbortController();
  const running = prepareDownload(database).run({
    dataDir: folder,
    mirrors: [mirror.address],
    signal: stop.signal,
    onEvent: (event) => {
      if (event.type === 'progress' && event.file !== first) stop.abort(new Error('stopped'));
    },
  });
  await expect(running).rejects.toThrow('stopped');
  expect(readdirSync(folder)).toEqual([`${first}.gz`]);
});

test('asks nothing when it was called off before', async () => {
  const mirror = await startMirror(database.payloads);
  const running = prepareDownload(database).run({
    dataDir: createTempFolder(),
    mirrors: [mirror.address],
    signal: AbortSignal.abort(new Error('stopped')),
  });
  await expect(running).rejects.toThrow('stopped');
  expect(mirror.requests.length).toBe(0);
});

test('reports the bytes that came and those that will', async () => {
  const mirror = await startMirror(database.payloads);
  const download = prepareDownload(database);
  await download.run({ dataDir: createTempFolder(), mirrors: [mirror.address] });
  const progress = download.events.filter((event) => event.type === 'progress').at(-1);
  expect(progress?.receivedBytes).toBe(progress?.totalBytes);
});

test('stops at once when called off between two attempts', async () => {
  const { sources } = database;
  const mirror = await startMirror(database.payloads, [{ type: 'status', status: 503 }]);
  const stop = new AbortController();
  const running = downloadFiles(sources, {
    dataDir: createTempFolder(),
    mirrors: [mirror.address],
    signal: stop.signal,
    limits: { backOffMs: 1_000_000 },
    onEvent: ({ type }) => {
      if (type === 'failure') setImmediate(() => stop.abort(new Error('stopped')));
    },
  });
  await expect(running).rejects.toThrow('stopped');
});
