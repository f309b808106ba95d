import type { Account } from '../../core/account.ts';
import type { Bytes32 } from '../../core/digest.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import type { LedgerEvent } from '../../core/ledger/events.ts';
import type { Proposal } from '../../core/ledger/records.ts';

/** Where the ledger holds a batch's root; `count` is how many receipts its anchorer said the batch has. */
export interface AnchoredAt {
  readonly block: bigint;
  readonly transaction: Bytes32;
  readonly count: number;
}

/** What the ledger says about receipts, gathered event by event. */
export interface LedgerFacts {
  anchored(root: Bytes32): AnchoredAt | undefined;
  /** Whether an account is or ever was a device. */
  wasDevice(account: Account): boolean;
  /** Whether a version was active at some time. */
  wasActive(version: Pick<Proposal, 'resource' | 'version' | 'digest'>): boolean;
}

/** Gathers facts of events in their order; `facts` may be asked once the last was added. */
export function gatherFacts(): { readonly add: (event: LedgerEvent) => void; readonly facts: LedgerFacts } {
  const anchors = new Map<Bytes32, AnchoredAt>();
  const devices = new Set<Account>();
  const active = new Set<string>();
  const keyOf = ({ resource, version, digest }: Pick<Proposal, 'resource' | 'version' | 'digest'>) =>
    `${resource}/${version}/${digest}`;
  return {
    add: (event) => {
      if (event.type === 'receipts-anchored') {
        const { height, transaction } = event.at;
        anchors.set(event.root, { block: height, transaction, count: event.count });
      } else if (event.type === 'device-enrolled') devices.add(event.account);
      else if (event.type === 'configuration-activated') active.add(keyOf(event));
    },
    facts: {
      anchored: (root) => anchors.get(root),
      wasDevice: (account) => devices.has(account),
      wasActive: (version) => active.has(keyOf(version)),
    },
  };
}

/** Reads the facts at the ledger's head. @throws LEDGER_UNAVAILABLE, LEDGER_BEHIND, WRONG_CHAIN */
export async function readFacts(ledger: Ledger): Promise<LedgerFacts> {
  const { add, facts } = gatherFacts();
  const { signal } = new AbortController();
  for await (const { events } of ledger.events({ after: undefined, follow: false, signal })) events.forEach(add);
  return facts;
}
