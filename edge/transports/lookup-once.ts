import type { LookupAddress } from 'node:dns';
import { lookup as lookupAddresses } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';

const running = new Map<string, Promise<readonly LookupAddress[]>>();

/**
 * Looks a host's addresses up as the system does, never twice at a time: a look-up occupies one of the few threads that
 * the disk needs too, and a name server that is away holds it for seconds, however soon its askers give up.
 */
export async function lookupOnce(host: string): Promise<readonly LookupAddress[]> {
  const known = running.get(host);
  if (known !== undefined) return known;
  const lookup = lookupAddresses(host, { all: true }).finally(() => running.delete(host));
  running.set(host, lookup);
  return lookup;
}

/** `lookupOnce` in the form that sockets take. */
export const socketLookup: LookupFunction = (host, { all }, answer) => {
  lookupOnce(host).then(
    (found) => {
      const [first] = found;
      if (all === true) answer(null, [...found]);
      else answer(null, first?.address ?? '', first?.family);
    },
    (error: unknown) => {
      answer(error as NodeJS.ErrnoException, '');
    },
  );
};
