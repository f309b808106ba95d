import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP server of the tests; `close` cuts off whoever is connected still. */
export interface Served {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Serves at 127.0.0.1, at a free port where none is given. */
export async function serve(listener: RequestListener, { port = 0 }: { readonly port?: number } = {}): Promise<Served> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
