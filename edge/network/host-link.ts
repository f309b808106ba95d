import type { Link } from '../../core/document/addresses.ts';

/** An interface, adapter or port of this host. */
export interface HostLink {
  readonly kind: Link;
  /** As the system calls it: `eth0`, `hci0`, `ttyUSB0`. */
  readonly name: string;
  /** Usable now: an interface with a carrier, a radio that is not blocked, a port that is there. */
  readonly isUp: boolean;
}

/** What the host has, and the kinds of which this system can't tell that they are absent. */
export interface HostLinks {
  readonly links: readonly HostLink[];
  readonly untold: readonly Link[];
}

/** Asks the system anew. */
export type ReadLinks = () => Promise<HostLinks>;
