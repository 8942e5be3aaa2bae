import type { Dispatcher } from 'undici';
import { DatasetError } from './errors.ts';

/**
 * Creates what sends requests: through the proxies that `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` name, and with
 * certificates always checked, whatever the environment says.
 *
 * @throws DatasetError `E_USAGE` where a proxy variable holds no address.
 */
export async function createDispatcher(connectMs: number): Promise<Dispatcher> {
  // Loaded late: where the data is complete, no network code is needed.
  const { EnvHttpProxyAgent } = await import('undici');
  const tls = { rejectUnauthorized: true, timeout: connectMs };
  try {
    return new EnvHttpProxyAgent({ connect: tls, requestTls: tls, proxyTls: tls, proxyTunnel: false });
  } catch (error) {
    throw new DatasetError('E_USAGE', 'cannot use the proxy from the environment: it is not an address', {
      expected: 'http://host:port',
      hint: 'Check HTTP_PROXY and HTTPS_PROXY.',
      cause: error,
    });
  }
}
