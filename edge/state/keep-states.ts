import type { Account } from '../../core/account.ts';
import { ANYONE, ANY_RESOURCE, type ResourceId } from '../../core/ids.ts';
import { mergeStates, type MergedState, type VouchedState } from '../../core/state/merge-states.ts';
import type { FactKey, VerifiedState } from '../../core/state/verified-state.ts';

/** What must not be forgotten: the device's own standing, and what runs on it. */
export interface Reliance {
  readonly account: Account;
  /** The resources that the device is to run. */
  readonly resources: Iterable<ResourceId>;
}

/**
 * Puts a newer state in front of those kept, in the order in which they were vouched for. A state is at least as new as
 * every one that it follows: whoever vouched for those vouches that it is no older.
 */
export function addState<State extends VouchedState>(kept: readonly State[], added: State): readonly State[] {
  const all = [added, ...kept].toSorted((one, other) => compare(other, one));
  let least: bigint | undefined;
  const dated = all.toReversed().map((one) => {
    const { vouchedAt } = one;
    if (vouchedAt !== undefined && (least === undefined || vouchedAt > least)) least = vouchedAt;
    return { ...one, vouchedAt: vouchedAt === undefined ? undefined : least };
  });
  return dated.toReversed();
}

/** Merges what is kept; undefined where nothing is. */
export function mergeKept(kept: readonly VouchedState[]): MergedState | undefined {
  const [newest, ...older] = kept;
  return newest && mergeStates([newest, ...older]);
}

/**
 * Those of some resources that could run on the device as far as is known. A server chooses what to assign: by names of
 * other groups' resources, or of none, it could else fill all the room that there is for older bundles.
 */
export function relevantOf(
  known: MergedState | undefined,
  { account, resources }: { readonly account: Account; readonly resources: readonly ResourceId[] },
): readonly ResourceId[] {
  if (known?.tellsOf?.({ kind: 'device', account }) !== true) return resources;
  const group = known.device(account)?.group;
  return resources.filter((resource) => group !== undefined && known.record(resource)?.group === group);
}

/**
 * Of states (the newest first) those that must be kept: the newest, and older ones for what newer ones leave out that
 * the device relies on. Whatever else those older ones tell would come back with them, so who overrides that stays too.
 */
export function planKept<State extends VouchedState>(states: readonly State[], reliance: Reliance): readonly State[] {
  const merged = mergeKept(states);
  if (merged === undefined) return [];
  const needed = new Set([0]);
  for (const fact of factsReliedOn(reliance)) {
    for (const index of [merged.decides(fact), merged.dates(fact)]) if (index !== undefined) needed.add(index);
  }
  // A set's iteration reaches what is added meanwhile.
  for (const index of needed) {
    const lender = lenderOf(states, index);
    if (lender !== undefined) needed.add(lender);
    for (const fact of states[index]?.state.facts?.() ?? []) {
      const decider = merged.decides(fact);
      if (decider !== undefined) needed.add(decider);
    }
  }
  return states.filter((_, index) => needed.has(index));
}

/** Who gave a state a later time than its own: without it that time would be gone with the next boot. */
function lenderOf(states: readonly VouchedState[], index: number): number | undefined {
  const { state, vouchedAt } = states[index] ?? {};
  if (vouchedAt === undefined || vouchedAt === state?.attestedAt) return undefined;
  const lender = states.findIndex((one, at) => at > index && one.state.attestedAt === vouchedAt);
  return lender === -1 ? undefined : lender;
}

function factsReliedOn({ account, resources }: Reliance): readonly FactKey[] {
  const named = [...resources];
  return [
    { kind: 'device', account },
    ...named.map((resource) => ({ kind: 'record', resource }) as const),
    ...[...named, ANY_RESOURCE].map((resource) => ({ kind: 'grant', resource, subject: ANYONE }) as const),
  ];
}

function compare(one: { state: VerifiedState }, other: { state: VerifiedState }): number {
  const { block, attestedAt = 0n } = one.state;
  const { block: otherBlock, attestedAt: otherAt = 0n } = other.state;
  if (block.height !== otherBlock.height) return block.height < otherBlock.height ? -1 : 1;
  return attestedAt === otherAt ? 0 : attestedAt < otherAt ? -1 : 1;
}
