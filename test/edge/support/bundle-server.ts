import { onTestFinished } from 'vitest';
import { serve } from '../../support/serve.ts';
import { serveBundle } from './bundle-site.ts';

/** Starts a dew, or an edge, that knows of nothing but bundles; answers its URL. */
export async function startBundleServer(bundle: () => Uint8Array | undefined): Promise<string> {
  const { url, close } = await serve((request, response) => {
    if (/^\/v1\/bundles?(?:\/|$)/.test(request.url ?? '')) serveBundle(bundle(), { request, response });
    else response.writeHead(404).end();
  });
  onTestFinished(close);
  return url;
}
