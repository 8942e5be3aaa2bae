import type { DownloadLimits } from '../../src/limits.ts';
import type { Behavior } from './mirror-behavior.ts';

/** What a mirror does, in words and in deed, and how a download tells of it. */
export interface Fault {
  readonly name: string;
  readonly behavior: Behavior;
  readonly reason: string;
}

/** What the same mirror would do again: the next one is asked at once. */
export const lasting: readonly Fault[] = [
  { name: 'answers 403', behavior: { type: 'status', status: 403 }, reason: 'HTTP 403, forbidden' },
  { name: 'answers 404', behavior: { type: 'status', status: 404 }, reason: 'HTTP 404, not found' },
  { name: 'answers 410', behavior: { type: 'status', status: 410 }, reason: 'HTTP 410, gone' },
  { name: 'answers 206', behavior: { type: 'status', status: 206 }, reason: 'HTTP 206' },
  { name: 'serves a web page', behavior: { type: 'html' }, reason: 'got HTML, not gzip' },
  { name: 'never ends', behavior: { type: 'endless' }, reason: 'more than the 23,624 bytes expected' },
  {
    name: 'redirects in a circle',
    behavior: { type: 'redirect', location: 'train-images-idx3-ubyte.gz' },
    reason: 'redirect refused: more than 5 hops',
  },
  {
    name: 'redirects to a file',
    behavior: { type: 'redirect', location: 'file:///etc/passwd' },
    reason: 'redirect refused: it leads to file:',
  },
  {
    name: 'redirects to nowhere',
    behavior: { type: 'redirect', location: 'http://' },
    reason: 'redirect refused: it has no valid target',
  },
  {
    name: 'asks to wait an hour',
    behavior: { type: 'status', status: 503, headers: { 'retry-after': '3600' } },
    reason: 'HTTP 503',
  },
];

/** What may pass: the same mirror is asked again. */
export const passing: readonly Fault[] = [
  { name: 'answers 500', behavior: { type: 'status', status: 500 }, reason: 'HTTP 500' },
  { name: 'answers 502', behavior: { type: 'status', status: 502 }, reason: 'HTTP 502' },
  { name: 'answers 503', behavior: { type: 'status', status: 503 }, reason: 'HTTP 503' },
  { name: 'answers 429', behavior: { type: 'status', status: 429 }, reason: 'HTTP 429, rate-limited' },
  { name: 'never answers', behavior: { type: 'silent' }, reason: 'no data for 0.3 s' },
  { name: 'stalls', behavior: { type: 'stall', afterBytes: 9000 }, reason: 'no data for 0.3 s' },
  { name: 'crawls', behavior: { type: 'crawl', afterBytes: 100 }, reason: 'slower than 5000 bytes a second' },
];

/** Limits under which a slow mirror is told in less than a second. */
export const shortLimits: Partial<DownloadLimits> = {
  idleMs: 300,
  floorWindowMs: 300,
  floorBytesPerSecond: 5000,
};
