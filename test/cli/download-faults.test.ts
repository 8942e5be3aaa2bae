import fs from 'node:fs';
import type http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type Fault,
  lasting,
  passing,
} from '../../packages/mnist-dataset-loader/test/support/mirror-faults.ts';
import {
  type Behavior,
  startMirror,
} from '../../packages/mnist-dataset-loader/test/support/mirror-server.ts';
import {
  type Certificate,
  certificateFile,
  startSecure,
} from '../../packages/mnist-dataset-loader/test/support/secure-server.ts';
import { startBlackHole } from '../support/black-hole.ts';
import { type DownloadResult, download, mnistNames } from '../support/download.ts';
import { createTempFolder, readTree } from '../support/folder.ts';
import { type CliOptions, preload } from '../support/run-cli.ts';
import { createSmallMnistFolder, smallMnist, withSmallMnist } from '../support/small-mnist.ts';

const [firstName] = mnistNames;
const whole = createSmallMnistFolder();
const startSmall = (behaviors: readonly Behavior[]) => startMirror(smallMnist.payloads, behaviors);

/** Downloads the small database as if it were MNIST. */
function downloadSmall(mirrors: readonly string[], options: CliOptions = {}): Promise<DownloadResult> {
  const nodeFlags = [...withSmallMnist.nodeFlags, ...(options.nodeFlags ?? [])];
  return download(mirrors, { ...options, nodeFlags, env: { ...withSmallMnist.env, ...options.env } });
}

/** Whether a folder holds what the mirrors hold, and nothing else. */
function isWhole(folder: string): boolean {
  return JSON.stringify(readTree(folder)) === JSON.stringify(readTree(whole));
}

/** Waits pass faster, and of limits of time so much is left that they are reached within a second. */
const hurry = { nodeFlags: preload('hurry'), env: { HURRY: '50' } };

/** Downloads past a mirror for each fault, the last being right; gives what was said of each of them, and its requests. */
async function passOver(faults: readonly Behavior[], options: CliOptions) {
  const bad = await Promise.all(faults.map((behavior) => startSmall([behavior])));
  const good = await startSmall([{ type: 'serve' }]);
  const mirrors = [...bad, good].map(({ address }) => address);
  const { exit, lines, data } = await downloadSmall(mirrors, options);
  expect([exit, isWhole(data), lines.slice(-5)]).toEqual([
    0,
    true,
    [...mnistNames.map((name) => `fetched ${name} from ${good.address}`), 'next: mnist-cnn train'],
  ]);
  return bad.map(({ address, requests }) => ({
    said: lines.filter((line) => line.startsWith(address)).map((line) => line.slice(address.length)),
    requests: requests.length,
  }));
}

describe('the right bytes are taken from the last mirror', () => {
  test('after one question each to those that would fail again (B1, B3, B6, B12, B13, B14)', async () => {
    const wrong = `${firstName}.gz is not the original: its payload's SHA-256 is`;
    const faults = [...lasting, { behavior: { type: 'wrong' }, reason: wrong } as const];
    const behaviors = faults.map(({ behavior }) => behavior);
    const told = await passOver(behaviors, {});
    for (const [index, { reason }] of faults.entries()) {
      expect(told[index]).toMatchObject({ said: [expect.stringContaining(`: ${reason}`)] });
      expect(told[index]?.said[0]).toMatch(/ \(attempt 1 of 3\), trying the next mirror$/);
    }
    // The one that redirects in a circle is asked once for each hop.
    expect(told.map(({ requests }) => requests).filter((count) => count !== 1)).toEqual([6]);
  });

  const isTimed = ({ behavior }: Fault) => ['silent', 'stall', 'crawl'].includes(behavior.type);

  test('after three attempts each at those that may get over an error (B4, B5)', async () => {
    await expectThreeAttempts(
      passing.filter((fault) => !isTimed(fault)),
      { ...hurry, env: { HURRY: '1' } },
    );
  });

  test('after three attempts at one that is silent or slow (B7, B8)', async () => {
    const slow = passing.filter(isTimed);
    expect(slow).toHaveLength(3);
    await Promise.all(slow.map((fault) => expectThreeAttempts([fault], hurry)));
  });

  async function expectThreeAttempts(faults: readonly Fault[], options: CliOptions): Promise<void> {
    const behaviors = faults.map(({ behavior }) => behavior);
    const told = await passOver(behaviors, options);
    for (const [index, { reason: short }] of faults.entries()) {
      const reason = short.replace('0.3 s', '30 s').replace('5000 bytes', '1024 bytes');
      expect(told[index]).toEqual({
        requests: 3,
        said: [
          expect.stringMatching(`^: ${reason} \\(attempt 1 of 3\\), trying again in 0\\.[345] s$`),
          expect.stringMatching(`^: ${reason} \\(attempt 2 of 3\\), trying again in (0\\.[5-9]|1\\.0) s$`),
          `: ${reason} (attempt 3 of 3), trying the next mirror`,
        ],
      });
    }
  }
});

test('one mirror is enough where it fails twice and then serves, and each time the whole file is requested (B4, B9, B10, B16)', async () => {
  const later = { type: 'status', status: 503, headers: { 'retry-after': '60' } } as const;
  const cut = { type: 'reset', afterBytes: 9000 } as const;
  const short = { type: 'wrong-length', byBytes: 50 } as const;
  const long = { type: 'wrong-length', byBytes: -20 } as const;
  const serve = { type: 'serve' } as const;
  const mirror = await startSmall([later, cut, serve, short, long, serve]);
  const { exit, lines, data } = await downloadSmall([mirror.address], { nodeFlags: preload('hurry') });
  expect([exit, isWhole(data)]).toEqual([0, true]);
  const said = lines.filter((line) => line.startsWith(mirror.address));
  expect(said.map((line) => line.slice(mirror.address.length))).toEqual([
    ': HTTP 503 (attempt 1 of 3), trying again in 60.0 s',
    expect.stringMatching(/^: the connection was cut after [\d,]+ of 2\d,\d{3} bytes \(attempt 2 of 3\), /),
    expect.stringMatching(/^: the connection was cut after \d+ of \d+ bytes \(attempt 1 of 3\), /),
    expect.stringMatching(/: the gzip data ends early \(attempt 2 of 3\), /),
  ]);
  const asked = mirror.requests.flatMap(({ headers }) => Object.keys(headers));
  expect(asked.filter((name) => /range|if-/.test(name))).toEqual([]);
});

test('how the right bytes are sent makes no difference (B11, B28)', async () => {
  const mirror = await startSmall([{ type: 'chunked' }, { type: 'packed' }, { type: 'serve' }]);
  const { exit, data } = await downloadSmall([mirror.address]);
  expect([exit, isWhole(data)]).toEqual([0, true]);
});

describe('over https', () => {
  const notReached: http.RequestListener = () => expect.fail('it was asked for a file');

  test('no bad certificate is accepted, whatever the environment says (B15)', async () => {
    const certificates: readonly Certificate[] = ['expired', 'other-host', 'good'];
    const mirrors = await Promise.all(certificates.map((name) => startSecure(name, notReached)));
    // The first two would be trusted but for their time and their host, the last is signed by nobody.
    const trusted = path.join(createTempFolder(), 'trusted.pem');
    const texts = ['expired', 'other-host'] as const;
    fs.writeFileSync(trusted, texts.map((name) => fs.readFileSync(certificateFile(name), 'utf8')).join('\n'));
    const env = { NODE_EXTRA_CA_CERTS: trusted, NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' };
    const { exit, lines, data } = await downloadSmall(mirrors, { env });
    expect([exit, fs.existsSync(data)]).toEqual([69, false]);
    const reasons = [/CERT_HAS_EXPIRED/, /ERR_TLS_CERT_ALTNAME_INVALID/, /DEPTH_ZERO_SELF_SIGNED_CERT/];
    for (const [index, reason] of reasons.entries()) {
      expect(lines[index]).toContain(`${mirrors[index]}: certificate problem: `);
      expect(lines[index]).toMatch(reason);
    }
    expect(lines[3]).toMatch(/^mnist-cnn: cannot fetch .*: 3 of 3 mirrors failed /);
  });

  test('no redirect to http is followed (B14)', async () => {
    const plain = await startSmall([{ type: 'serve' }]);
    const address = await startSecure('good', (_, response) => {
      response.writeHead(302, { location: plain.address }).end();
    });
    const { exit, lines } = await downloadSmall([address], {
      env: { NODE_EXTRA_CA_CERTS: certificateFile('good') },
    });
    expect([exit, lines[1], plain.requests.length]).toEqual([
      69,
      `mnist-cnn: cannot fetch ${firstName}.gz: 1 of 1 mirrors failed (${address}: redirect refused: it leads from https to http)`,
      0,
    ]);
  });
});

const hasIpv6 = Object.values(os.networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1'),
);

test.runIf(hasIpv6)(
  'a host whose IPv6 address swallows everything is reached by its other address (B26)',
  async () => {
    const mirror = await startSmall([{ type: 'serve' }]);
    const { port } = new URL(mirror.address);
    await startBlackHole('::1', Number(port));
    const { exit, data } = await downloadSmall([`http://mirror.test:${port}/mnist/`], {
      nodeFlags: preload('fixed-names'),
      env: { NAMES: JSON.stringify({ 'mirror.test': ['::1', '127.0.0.1'] }) },
    });
    expect([exit, isWhole(data)]).toEqual([0, true]);
  },
);

test('a host that swallows everything is given up, and the next mirror asked (B26)', async () => {
  const mirror = await startSmall([{ type: 'serve' }]);
  const { port } = new URL(mirror.address);
  await startBlackHole('127.0.0.2', Number(port));
  const hole = `http://127.0.0.2:${port}/mnist/`;
  const { exit, lines } = await downloadSmall([hole, mirror.address], hurry);
  expect([exit, lines[0]]).toEqual([
    0,
    `${hole}: no connection within 10 s (attempt 1 of 3), trying the next mirror`,
  ]);
});
