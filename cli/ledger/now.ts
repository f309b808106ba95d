import type { Ledger } from '../../core/ledger/ledger.ts';
import type { LedgerState } from '../../core/ledger/state.ts';

/** The time in Unix seconds by which expiries are counted: this machine's, or the newest block's where that is later. */
export function nowOf({ block }: LedgerState): bigint {
  return laterOf(block?.time ?? 0n);
}

/** As `nowOf`, of a ledger's head. @throws LEDGER_UNAVAILABLE */
export async function nowOfLedger(ledger: Ledger): Promise<bigint> {
  return laterOf((await ledger.head()).time);
}

function laterOf(blockTime: bigint): bigint {
  const clock = BigInt(Math.floor(Date.now() / 1000));
  return blockTime > clock ? blockTime : clock;
}
