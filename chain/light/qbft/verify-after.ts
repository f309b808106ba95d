import { refuseProof } from '../refuse.ts';
import type { Header } from './header.ts';

/** Where following stands; undefined time where it is at the anchor's block. */
interface Place {
  readonly height: bigint;
  readonly time: bigint | undefined;
}

/** Refuses a header that does not come after the last one. @throws PROOF_INVALID */
export function verifyAfter({ height, time }: Place, header: Header): void {
  if (header.height <= height) throw refuseProof('header-order', 'a header does not come after the one before it');
  // Two blocks of one second exist on chains with short periods.
  if (time !== undefined && header.time < time) throw refuseProof('header-time', 'a header is older than its parent');
}
