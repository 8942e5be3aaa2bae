import type { Dispatcher } from 'undici';
import { FetchError, networkError, statusError } from './fetch-error.ts';
import type { DownloadLimits } from './limits.ts';
import { formatCount } from './text.ts';
import { type Watch, watchTransfer } from './watch.ts';

export interface FetchRequest {
  readonly dispatcher: Dispatcher;
  readonly limits: DownloadLimits;
  /** More bytes than this are not read. */
  readonly maxBytes: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (receivedBytes: number, totalBytes: number | undefined) => void;
}

/**
 * Fetches the bytes at an address, as they are: no content encoding is undone, no range is requested.
 *
 * @throws FetchError with the reason in words; the reason of `signal` once that is aborted.
 */
export async function fetchBytes(address: URL, request: FetchRequest): Promise<Buffer> {
  const watch = watchTransfer(request.limits, request.signal);
  try {
    let url = address;
    for (let hop = 0; hop <= request.limits.hops; hop++) {
      const response = await open(url, address, { request, watch });
      const location = redirectOf(response);
      if (location === undefined) return await readBody(response, request, watch);
      response.body.on('error', () => {}).destroy();
      url = resolveRedirect(location, url);
    }
    throw new FetchError(`redirect refused: more than ${request.limits.hops} hops`, 'next-mirror');
  } catch (error) {
    throw watch.failure() ?? networkError(error, request.limits.connectMs);
  } finally {
    watch.stop();
  }
}

async function open(
  url: URL,
  first: URL,
  { request, watch }: { readonly request: FetchRequest; readonly watch: Watch },
): Promise<Dispatcher.ResponseData> {
  const headers: Record<string, string> = {
    'accept-encoding': 'identity',
    'user-agent': 'mnist-dataset-loader',
  };
  const signIn = first.username !== '' && url.origin === first.origin;
  if (signIn) headers['authorization'] = `Basic ${credentialsOf(first)}`;
  return request.dispatcher.request({
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method: 'GET',
    headers,
    signal: watch.signal,
    // The watch keeps the time.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

function credentialsOf(url: URL): string {
  return Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`).toString(
    'base64',
  );
}

function redirectOf(response: Dispatcher.ResponseData): string | undefined {
  return [301, 302, 303, 307, 308].includes(response.statusCode)
    ? (headerOf(response, 'location') ?? '')
    : undefined;
}

function resolveRedirect(location: string, from: URL): URL {
  if (location === '' || !URL.canParse(location, from.href)) {
    throw new FetchError('redirect refused: it has no valid target', 'next-mirror');
  }
  const to = new URL(location, from);
  if (to.protocol !== 'https:' && to.protocol !== 'http:') {
    throw new FetchError(`redirect refused: it leads to ${to.protocol}`, 'next-mirror');
  }
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    throw new FetchError('redirect refused: it leads from https to http', 'next-mirror');
  }
  return to;
}

async function readBody(
  response: Dispatcher.ResponseData,
  request: FetchRequest,
  watch: Watch,
): Promise<Buffer> {
  const totalBytes = declaredBytes(response);
  const chunks: Buffer[] = [];
  let receivedBytes = 0;
  try {
    if (response.statusCode !== 200) {
      throw statusError(response.statusCode, headerOf(response, 'retry-after'), new Date());
    }
    checkSize(totalBytes ?? 0, request.maxBytes);
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      receivedBytes += chunk.length;
      checkSize(receivedBytes, request.maxBytes);
      chunks.push(chunk);
      watch.receive(chunk.length);
      request.onProgress(receivedBytes, totalBytes);
    }
  } catch (error) {
    response.body.on('error', () => {}).destroy();
    throw watch.failure() ?? networkError(error, request.limits.connectMs, { receivedBytes, totalBytes });
  }
  return Buffer.concat(chunks);
}

function declaredBytes(response: Dispatcher.ResponseData): number | undefined {
  const declared = headerOf(response, 'content-length');
  return declared === undefined ? undefined : Number(declared);
}

function checkSize(sizeBytes: number, maxBytes: number): void {
  if (sizeBytes <= maxBytes) return;
  throw new FetchError(`more than the ${formatCount(maxBytes)} bytes expected`, 'next-mirror');
}

function headerOf(response: Dispatcher.ResponseData, name: string): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
