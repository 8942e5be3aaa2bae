import fs from 'node:fs';
import type http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** A certificate of the tests for 127.0.0.1, each signed by itself: right, past its time, or for another host. */
export type Certificate = 'good' | 'expired' | 'other-host';

/** The file of a certificate, or of the key of them all. */
export function certificateFile(name: Certificate | 'key'): string {
  return fileURLToPath(new URL(`../fixtures/tls/${name}.pem`, import.meta.url));
}

/** Starts a server for https on loopback that ends with the test; gives the address of its folder `mnist`. */
export async function startSecure(name: Certificate, listener: http.RequestListener): Promise<string> {
  const files = {
    key: fs.readFileSync(certificateFile('key')),
    cert: fs.readFileSync(certificateFile(name)),
  };
  return `https://127.0.0.1:${await listen(https.createServer(files, listener))}/mnist/`;
}

/** Has a server listen on loopback until the test ends; gives its port. */
export async function listen(server: http.Server): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => void server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}
