import type { GroupId } from '../../core/ids.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import type { BundleMaker, VouchedBlock } from '../../core/state/bundle-maker.ts';
import { assembleBundle } from './bundle.ts';
import type { GroupBundle } from './bundle-store.ts';
import { formerlyOf, planFormer, type Told } from './plan-former.ts';

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
    vouched,
    before,
  }: {
    readonly group: GroupId;
    readonly state: LedgerState;
    readonly vouched: VouchedBlock;
    readonly before: GroupBundle | undefined;
  },
  { maker, keepSeconds, signal }: MakeGroupDeps,
): Promise<GroupBundle> {
  if (before?.prepared.storageRoot === vouched.storageRoot) {
    const head = maker.join(before.prepared, vouched);
    return { ...before, head, bundle: assembleBundle(head, before.prepared, vouched) };
  }
  const told: Told = { tells: before?.prepared.tells ?? [], former: before?.former ?? new Map<string, bigint>() };
  const audience = { group };
  const prepared = await maker.prepare({ state, audience, formerly: formerlyOf(told), vouched }, signal);
  const former = planFormer(told, { tells: prepared.tells, at: vouched.attestedAt, keepSeconds });
  const head = maker.join(prepared, vouched);
  return { prepared, former, head, bundle: assembleBundle(head, prepared, vouched) };
}
