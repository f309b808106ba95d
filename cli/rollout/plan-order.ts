import type { Account } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';
import type { LedgerIdentity, Proposal } from '../../core/ledger/records.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import type { Name } from '../../core/ids.ts';
import { MAX_CANARIES, type RolloutOrder } from '../../core/rollout/order.ts';
import { selectCanaries } from '../../core/rollout/select-canaries.ts';

/** What a first order is made from; `now` in Unix milliseconds, `seed` 32 fresh random bytes as hexadecimal digits. */
export interface PlanOrderQuestion {
  readonly tenant: Name;
  readonly name: Name;
  readonly proposal: Proposal;
  readonly state: LedgerState;
  readonly ledger: Pick<LedgerIdentity, 'chain' | 'genesis' | 'registry'>;
  /** Where dews say that the resource runs: of these, only what the ledger has as this group's devices counts. */
  readonly placed: readonly Account[];
  readonly share: RolloutOrder['share'];
  readonly errorThreshold: number | undefined;
  readonly author: Account;
  readonly seed: string;
  readonly now: number;
}

/**
 * Plans the order that begins a rollout from the active version to the proposed one.
 * @throws USAGE (nothing to go back to, no devices, too many canaries)
 */
export function planOrder(question: PlanOrderQuestion): RolloutOrder {
  const { tenant, name, proposal, state, ledger, share, seed, author } = question;
  const head = state.heads.get(proposal.resource);
  if (head?.status !== 'active') {
    throw new DewproofError(
      'USAGE',
      `No version of ${name} is active that canaries could go back to; leave out --canary.`,
    );
  }
  const devices = devicesOf(question);
  if (devices.length === 0)
    throw new DewproofError('USAGE', `The group of ${name} has no active edge; enrol one first.`);
  const canaries = [...selectCanaries({ seed, share, devices })];
  if (canaries.length > MAX_CANARIES) {
    throw new DewproofError(
      'USAGE',
      `${canaries.length} canaries are more than ${MAX_CANARIES}; take a smaller share.`,
    );
  }
  return {
    apiVersion: 'dewproof/v1',
    kind: 'RolloutOrder',
    ledger: { chain: ledger.chain, genesis: ledger.genesis, registry: ledger.registry },
    tenant,
    name,
    from: { version: Number(head.version), digest: head.digest },
    to: { version: Number(proposal.version), digest: proposal.digest },
    share,
    seed,
    population: devices.length,
    canaries,
    errorThreshold: Math.min(question.errorThreshold ?? 1, canaries.length),
    phase: 'canary',
    serial: nextSerial(undefined, question),
    author,
  };
}

/** Above the one before; the clock keeps it rising where a dew has lost that. */
export function nextSerial(before: RolloutOrder | undefined, { now }: { readonly now: number }): number {
  return Math.max((before?.serial ?? 0) + 1, now);
}

/** The devices that run it, or all of the group where no dew says so. */
function devicesOf({ state, proposal, placed }: PlanOrderQuestion): readonly Account[] {
  const edges = [...state.devices.values()].filter(
    ({ kind, status, group }) => kind === 'edge' && status === 'active' && group === proposal.group,
  );
  const running = edges.filter(({ account }) => placed.includes(account));
  return (running.length > 0 ? running : edges).map(({ account }) => account);
}
