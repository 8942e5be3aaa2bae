import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Behavior, behave } from './mirror-behavior.ts';

/** A mirror on loopback that its owner closes. */
export interface OpenMirror {
  readonly address: string;
  readonly requests: readonly http.IncomingMessage[];
  readonly close: () => Promise<void>;
}

/** Opens a mirror that gzips `payloads`; how it answers the request for a file is asked for each, with the number of requests before it. */
export async function openMirror(
  payloads: ReadonlyMap<string, Buffer>,
  chooseBehavior: (name: string, requestsBefore: number) => Behavior,
): Promise<OpenMirror> {
  const requests: http.IncomingMessage[] = [];
  const server = http.createServer((request, response) => {
    const name = (request.url ?? '').split('/').at(-1)?.replace(/\.gz$/, '') ?? '';
    const behavior = chooseBehavior(name, requests.length);
    requests.push(request);
    const payload = payloads.get(name);
    if (payload === undefined) response.writeHead(404).end('not here');
    else behave(behavior, payload, response);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}/mnist/`,
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}
