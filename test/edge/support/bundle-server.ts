import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { serveBundle } from './bundle-site.ts';

/** Starts a dew, or an edge, that knows of nothing but bundles; answers its URL. */
export async function startBundleServer(bundle: () => Uint8Array | undefined): Promise<string> {
  const server = createServer((request, response) => {
    if (/^\/v1\/bundles?(?:\/|$)/.test(request.url ?? '')) serveBundle(bundle(), { request, response });
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
