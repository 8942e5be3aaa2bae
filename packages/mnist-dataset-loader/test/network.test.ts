import fs from 'node:fs';
import http from 'node:http';
import zlib from 'node:zlib';
import { Agent, errors } from 'undici';
import { expect, test, vi } from 'vitest';
import { type DownloadMeans, downloadFiles } from '../src/download.ts';
import { networkError, statusError } from '../src/fetch-error.ts';
import { createSmallDatabase } from './support/digits.ts';
import { prepareDownload } from './support/download.ts';
import { failureOf } from './support/errors.ts';
import { createTempFolder } from './support/folder.ts';
import { startMirror } from './support/mirror-server.ts';
import { type Certificate, certificateFile, listen, startSecure } from './support/secure-server.ts';

const database = createSmallDatabase();
const prefix = 'E_NETWORK: cannot fetch train-images-idx3-ubyte.gz: 1 of 1 mirrors failed';

test('fetches over https from a host whose certificate is right', async () => {
  const address = await startSecure('good', serveDatabase);
  const { files } = await fetchTrusting('good', address);
  expect(files.length).toBe(4);
});

test.each<[string, Certificate, string]>([
  ['has expired', 'expired', 'certificate problem: certificate has expired (CERT_HAS_EXPIRED)'],
  [
    'is for another host',
    'other-host',
    "certificate problem: Hostname/IP does not match certificate's altnames: IP: 127.0.0.1 is not in the cert's list:  (ERR_TLS_CERT_ALTNAME_INVALID)",
  ],
])('refuses a host whose certificate %s (B15)', async (_, name, reason) => {
  const address = await startSecure(name, serveDatabase);
  expect(await failureOf(async () => fetchTrusting(name, address))).toBe(`${prefix} (${address}: ${reason})`);
});

test('refuses a self-signed certificate, even where the environment says not to look (B15)', async () => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  const address = await startSecure('good', serveDatabase);
  const run = async () => prepareDownload(database).run({ dataDir: createTempFolder(), mirrors: [address] });
  expect(await failureOf(run)).toBe(
    `${prefix} (${address}: certificate problem: self-signed certificate (DEPTH_ZERO_SELF_SIGNED_CERT))`,
  );
});

test('refuses a redirect from https to http (B14)', async () => {
  const plain = await startMirror(database.payloads);
  const address = await startSecure('good', (request, response) => {
    response.writeHead(302, { location: `${plain.address}${request.url?.split('/').at(-1)}` }).end();
  });
  expect(await failureOf(async () => fetchTrusting('good', address))).toBe(
    `${prefix} (${address}: redirect refused: it leads from https to http)`,
  );
  expect(plain.requests.length).toBe(0);
});

test('follows a redirect to another host without the password for the first', async () => {
  const other = await startMirror(database.payloads);
  const redirect = (request: http.IncomingMessage, response: http.ServerResponse) => {
    response.writeHead(301, { location: `${other.address}${request.url?.split('/').at(-1)}` }).end();
  };
  const { address, requests } = await startPlain(redirect);
  const mirror = address.replace('//', '//ann:se%20cret@');
  const { files } = await prepareDownload(database).run({ dataDir: createTempFolder(), mirrors: [mirror] });
  expect(requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('ann:se cret').toString('base64')}`);
  expect(other.requests[0]?.headers).not.toHaveProperty('authorization');
  expect(files[0]?.mirror).toBe(address.replace('//', '//***:***@'));
});

test('goes through the proxy that the environment names (B23)', async () => {
  const { address, requests } = await startPlain(serveDatabase);
  const download = prepareDownload(database);
  vi.stubEnv('http_proxy', address.replace('//', '//ann:secret@'));
  await download.run({ dataDir: createTempFolder(), mirrors: ['http://mirror.invalid/mnist/'] });
  expect(requests.map(({ url }) => url)).toContain('http://mirror.invalid/mnist/train-images-idx3-ubyte.gz');
  expect(requests[0]?.headers['proxy-authorization']).toBe(
    `Basic ${Buffer.from('ann:secret').toString('base64')}`,
  );
});

test('goes past the proxy to hosts that NO_PROXY names', async () => {
  const mirror = await startMirror(database.payloads);
  const download = prepareDownload(database);
  vi.stubEnv('http_proxy', 'http://127.0.0.1:1/');
  vi.stubEnv('no_proxy', '127.0.0.1');
  await download.run({ dataDir: createTempFolder(), mirrors: [mirror.address] });
  expect(mirror.requests.length).toBe(4);
});

test.each(['http', 'https'])(
  'says that the proxy for %s asks for a password, and shows none (B23)',
  async (scheme) => {
    const refuse = (_: unknown, response: http.ServerResponse) => void response.writeHead(407).end();
    const { address } = await startPlain(refuse);
    const download = prepareDownload(database);
    vi.stubEnv(`${scheme}_proxy`, address.replace('//', '//ann:secret@'));
    const mirror = `${scheme}://mirror.invalid/`;
    const failure = await failureOf(async () =>
      download.run({ dataDir: createTempFolder(), mirrors: [mirror] }),
    );
    expect(failure).toMatch(
      /the proxy requires a name and a password( \(407\))?\)$|HTTP 407, the proxy requires a name and a password\)$/,
    );
    expect(failure).not.toContain('secret');
  },
);

test('refuses a proxy variable that holds no address, and shows no password', async () => {
  const download = prepareDownload(database);
  vi.stubEnv('http_proxy', 'ann:secret@ proxy');
  const run = async () => download.run({ dataDir: createTempFolder(), mirrors: ['http://mirror.invalid/'] });
  expect(await failureOf(run)).toBe(
    'E_USAGE: cannot use the proxy from the environment: it is not an address',
  );
});

test('says how long it waited for a connection (B26)', () => {
  const error = networkError(new errors.ConnectTimeoutError('late'), 10_000);
  expect([error.message, error.next]).toEqual(['no connection within 10 s', 'next-mirror']);
});

test('says that an answer is no HTTP', async () => {
  const { address } = await startPlain((_, response) => void response.socket?.end('\0garbage\r\n\r\n'));
  const run = async () => prepareDownload(database).run({ dataDir: createTempFolder(), mirrors: [address] });
  expect(await failureOf(run)).toContain('Response does not match the HTTP/1.1 protocol');
});

test.each([
  ['a number of seconds', '7', 7000],
  ['a date', 'Thu, 01 Jan 2026 00:00:07 GMT', 7000],
  ['a date that has passed', 'Wed, 31 Dec 2025 23:59:00 GMT', 0],
  ['something else', 'soon', undefined],
])('understands a Retry-After that is %s', (_, text, waitMs) => {
  expect(statusError(503, text, new Date('2026-01-01T00:00:00Z')).retryAfterMs).toBe(waitMs);
});

async function fetchTrusting(name: Certificate, address: string): ReturnType<typeof downloadFiles> {
  const means: DownloadMeans = {
    createDispatcher: async () => new Agent({ connect: { ca: fs.readFileSync(certificateFile(name)) } }),
  };
  return downloadFiles(database.sources, { dataDir: createTempFolder(), mirrors: [address] }, means);
}

function serveDatabase(request: http.IncomingMessage, response: http.ServerResponse): void {
  const name = request.url?.split('/').at(-1)?.replace(/\.gz$/, '') ?? '';
  response.writeHead(200).end(zlib.gzipSync(database.payloads.get(name) ?? ''));
}

async function startPlain(
  listener: http.RequestListener,
): Promise<{ readonly address: string; readonly requests: readonly http.IncomingMessage[] }> {
  const requests: http.IncomingMessage[] = [];
  const server = http.createServer((request, response) => {
    requests.push(request);
    listener(request, response);
  });
  server.on(
    'connect',
    (_request, socket) => void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'),
  );
  return { address: `http://127.0.0.1:${await listen(server)}/`, requests };
}
