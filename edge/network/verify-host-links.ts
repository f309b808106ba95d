import type { Link } from '../../core/document/addresses.ts';
import { DewproofError } from '../../core/errors.ts';
import type { HostLinks } from './host-link.ts';

/**
 * Refuses what needs a link that this host does not have, or not now.
 * @throws LINK_MISSING (absent or down), UNSUPPORTED (this system does not tell whether it is there)
 */
export function verifyHostLinks(needed: readonly Link[], { links, untold }: HostLinks): void {
  for (const kind of needed) {
    const found = links.filter((link) => link.kind === kind);
    if (found.some(({ isUp }) => isUp)) continue;
    if (found.length > 0) {
      const names = found.map(({ name }) => name).join(', ');
      throw missing(kind, `${names} is down; this resource waits until it is up.`);
    }
    if (!untold.includes(kind)) throw missing(kind, `there is none; plug it in or place the resource elsewhere.`);
    throw new DewproofError('UNSUPPORTED', `This system does not tell whether it has ${kind}; leave it out.`, {
      details: { link: kind },
    });
  }
}

function missing(link: Link, what: string): DewproofError {
  return new DewproofError('LINK_MISSING', `This resource needs ${link} and ${what}`, { details: { link } });
}
