import type { Account } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';
import { factsOf } from '../../core/ledger/facts.ts';
import { isSameLedger } from '../../core/ledger/is-same-ledger.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import type { LedgerIdentity } from '../../core/ledger/records.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import type { OpenState, StateSource } from '../../core/state/ports.ts';
import { mintVerifiedState } from '../../core/state/verified-state.ts';
import { openBundle } from './seal-bundle.ts';
import { watchState } from './watch-state.ts';

/** How often a bundle with nothing but a newer head is worth a device's disk. */
const MAX_QUIET_MS = 60_000;

/**
 * A source that reads the ledger itself and seals what it read: the finality `rpc`, which trusts the node asked. The
 * ledger stays its opener's: closing the source ends its watchers alone.
 */
export function createRpcStateSource({
  ledger,
  account,
  sealKey,
  maxQuietMs = MAX_QUIET_MS,
}: {
  readonly ledger: Ledger;
  readonly account: Account;
  /** 32 bytes, from `deriveSealKey`. */
  readonly sealKey: Uint8Array;
  readonly maxQuietMs?: number;
}): StateSource {
  const closing = new AbortController();
  return {
    watch: (options) => watchState({ ledger, account, sealKey, maxQuietMs }, { ...options, closed: closing.signal }),
    close: () => {
      closing.abort();
      return Promise.resolve();
    },
  };
}

/** Opens bundles that this very device sealed; the seal comes before any parsing. */
export function openRpcState(sealKey: Uint8Array): OpenState {
  return (bundle, anchor) => {
    const { identity, state } = openBundle(bundle, sealKey);
    verifyAnchored(identity, anchor);
    if (!state.block) throw new DewproofError('SCHEMA', 'The bundle names no block; fetch a new one.');
    return mintVerifiedState({ ...factsOf(state), identity, block: state.block });
  };
}

function verifyAnchored(identity: LedgerIdentity, anchor: Anchor): void {
  if (isSameLedger([identity, anchor])) return;
  const { chain, genesis, registry } = identity;
  throw new DewproofError(
    'WRONG_CHAIN',
    `The bundle is of another ledger (${chain}, genesis ${genesis}, registry ${registry}); check the anchor.`,
  );
}
