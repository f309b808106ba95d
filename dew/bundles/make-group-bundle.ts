import type { GroupId } from '../../core/ids.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import type { BundleMaker, VouchedBlock } from '../../core/state/bundle-maker.ts';
import { assembleBundle } from './bundle.ts';
import type { GroupBundle } from './bundle-store.ts';
import type { GoneFact } from '../ledger/gone-facts.ts';
import { formerlyOf, planFormer, withLost } from './plan-former.ts';
import { planGone } from './plan-gone.ts';

/** What makes bundles, and for how long devices go by what they were told. */
export interface MakeGroupDeps {
  readonly maker: BundleMaker;
  readonly keepSeconds: number;
  readonly signal: AbortSignal;
}

/**
 * A group's bundle as of a vouched block: the facts proved anew where the registry changed since `before`, else the
 * same under a newer head. @throws what the maker throws
 */
export async function makeGroupBundle(
  {
    group,
    state,
    gone = [],
    vouched,
    before,
  }: {
    readonly group: GroupId;
    readonly state: LedgerState;
    /** What the ledger says that groups lost: a dew that lost its disk knows of no `before`. */
    readonly gone?: readonly GoneFact[] | undefined;
    readonly vouched: VouchedBlock;
    readonly before: GroupBundle | undefined;
  },
  { maker, keepSeconds, signal }: MakeGroupDeps,
): Promise<GroupBundle> {
  if (before?.prepared.storageRoot === vouched.storageRoot) {
    const head = maker.join(before.prepared, vouched);
    return { ...before, head, bundle: assembleBundle(head, before.prepared, vouched), isFormer: false };
  }
  const at = vouched.attestedAt;
  // By the chain's own clock, as its events are.
  const lost = planGone(gone, { state, group, at: vouched.block.time, keepSeconds });
  const known = { tells: before?.prepared.tells ?? [], former: before?.former ?? new Map<string, bigint>() };
  const told = withLost(known, { lost, at });
  const formerly = formerlyOf(told);
  const prepared = await maker.prepare({ state, audience: { group }, formerly, vouched }, signal);
  const former = planFormer(told, { tells: prepared.tells, at, keepSeconds });
  const head = maker.join(prepared, vouched);
  return { prepared, former, head, bundle: assembleBundle(head, prepared, vouched), isFormer: false };
}
