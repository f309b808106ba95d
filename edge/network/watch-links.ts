import type { Link } from '../../core/document/addresses.ts';
import type { DewproofError } from '../../core/errors.ts';
import { sleep } from '../../platform/sleep.ts';
import { codedError } from '../coded-error.ts';
import type { HostLinks, ReadLinks } from './host-link.ts';
import { verifyHostLinks } from './verify-host-links.ts';

/** What a look at the links needs; `onTrouble` hears why one failed. */
export interface LinkWatchDeps {
  readonly readLinks: ReadLinks;
  readonly everyMs: number;
  readonly onTrouble: (error: DewproofError) => void;
}

/** The host's links as they were seen last. */
export interface LinkWatch {
  current(): HostLinks;
  /** Verifies by the last look, at most an interval old. @throws LINK_MISSING, UNSUPPORTED */
  verify(needed: readonly Link[]): void;
  /** Hears of each time that a kind of link came up. */
  onUp(listener: () => void): void;
  close(): Promise<void>;
}

/** Looks at the links now and then at an interval, since not every system tells of a change. */
export async function watchLinks(deps: LinkWatchDeps): Promise<LinkWatch> {
  const life = new AbortController();
  const listeners: (() => void)[] = [];
  let current: HostLinks = { links: [], untold: [] };

  async function look(): Promise<void> {
    try {
      const before = current;
      current = await deps.readLinks();
      if (cameUp({ before, after: current })) for (const listener of listeners) listener();
    } catch (error) {
      // What was seen last holds until the next look.
      deps.onTrouble(codedError(error, { code: 'INTERNAL', what: 'The links of this host could not be read' }));
    }
  }

  async function follow(): Promise<void> {
    for (;;) {
      await sleep(deps.everyMs, life.signal);
      if (life.signal.aborted) return;
      await look();
    }
  }

  await look();
  const following = follow();
  return {
    current: () => current,
    verify: (needed) => {
      verifyHostLinks(needed, current);
    },
    onUp: (listener) => {
      listeners.push(listener);
    },
    close: async () => {
      life.abort();
      await following;
    },
  };
}

function cameUp({ before, after }: { before: HostLinks; after: HostLinks }): boolean {
  const kindsUp = ({ links }: HostLinks) => links.filter(({ isUp }) => isUp).map(({ kind }) => kind);
  return kindsUp(after).some((kind) => !kindsUp(before).includes(kind));
}
