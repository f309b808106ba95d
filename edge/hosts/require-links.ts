import type { LinkWatch } from '../network/watch-links.ts';
import type { StartHost } from './host.ts';

/**
 * Starts hosts only where this device has the links that their document needs; while one is gone the host is
 * unhealthy by code, and runs on: no restart brings a link back.
 */
export function requireLinks(startHost: StartHost, links: Pick<LinkWatch, 'verify'>): StartHost {
  return async (start) => {
    const { network } = start.configuration.document.spec;
    links.verify(network);
    const host = await startHost(start);
    return {
      ...host,
      probe: async (signal) => {
        links.verify(network);
        await host.probe(signal);
      },
    };
  };
}
