import { hideCredentials } from './mirror.ts';
import { errnoOf, formatCount, formatErrno } from './text.ts';

/** Why one attempt at one mirror failed, and whether the same mirror may yet succeed. */
export class FetchError extends Error {
  readonly next: 'retry' | 'next-mirror';
  /** What the mirror asked to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(reason: string, next: 'retry' | 'next-mirror', retryAfterMs?: number) {
    super(reason);
    this.name = 'FetchError';
    this.next = next;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Puts a failure of the network into words. */
export function networkError(
  error: unknown,
  connectMs: number,
  {
    receivedBytes,
    totalBytes,
  }: { readonly receivedBytes: number; readonly totalBytes: number | undefined } = {
    receivedBytes: 0,
    totalBytes: undefined,
  },
): FetchError {
  if (error instanceof FetchError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'UND_ERR_CONNECT_TIMEOUT') {
    return new FetchError(`no connection within ${connectMs / 1000} s`, 'next-mirror');
  }
  if (isCertificateCode(code)) {
    // Behind the reason, newer Nodes give advice on Node's own flags.
    const [reason = ''] = messageOf(error).split('; ');
    return new FetchError(`certificate problem: ${reason} (${code})`, 'next-mirror');
  }
  if (['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].includes(code)) {
    const of = totalBytes === undefined ? '' : ` of ${formatCount(totalBytes)}`;
    return new FetchError(`the connection was cut after ${formatCount(receivedBytes)}${of} bytes`, 'retry');
  }
  if (code.startsWith('UND_ERR') && messageOf(error).includes('(407)')) {
    return new FetchError('the proxy requires a name and a password (407)', 'next-mirror');
  }
  if (errnoOf(error) !== undefined) return new FetchError(formatErrno(error), 'next-mirror');
  return new FetchError(messageOf(error), 'next-mirror');
}

/** Puts a status other than 200 into words. */
export function statusError(status: number, retryAfter: string | undefined, now: Date): FetchError {
  const passing = [408, 429, 500, 502, 503, 504].includes(status);
  const words: Readonly<Record<number, string>> = {
    401: 'it requires a name and a password',
    403: 'forbidden',
    404: 'not found',
    407: 'the proxy requires a name and a password',
    410: 'gone',
    429: 'rate-limited',
  };
  const word = words[status];
  const reason = word === undefined ? `HTTP ${status}` : `HTTP ${status}, ${word}`;
  return new FetchError(
    reason,
    passing ? 'retry' : 'next-mirror',
    passing ? parseRetryAfter(retryAfter, now) : undefined,
  );
}

function parseRetryAfter(text: string | undefined, now: Date): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime());
}

function isCertificateCode(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|^ERR_TLS|^ERR_SSL/.test(code);
}

function messageOf(error: unknown): string {
  return hideCredentials(error instanceof Error ? error.message : String(error));
}
