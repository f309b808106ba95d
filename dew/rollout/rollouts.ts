import type { Account } from '../../core/account.ts';
import { digestOf } from '../../core/digest.ts';
import { DewproofError } from '../../core/errors.ts';
import type { ResourceId } from '../../core/ids.ts';
import { factsOf } from '../../core/ledger/facts.ts';
import type { ConfigurationRecord, DeviceRecord, LedgerIdentity } from '../../core/ledger/records.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import { failedCanaries } from '../../core/rollout/count-failures.ts';
import { isSame } from '../../core/rollout/decide-rollout.ts';
import { digestOfOrder, type RolloutOrder, type SignedOrder } from '../../core/rollout/order.ts';
import { messageOfOutcome, type SignedOutcome } from '../../core/rollout/outcome.ts';
import { verifyOrder } from '../../core/rollout/verify-order.ts';
import type { IsSignedBy } from '../../core/signatures.ts';
import { MAX_ROLLOUT_NOTES, type RolloutNote } from '../../core/wire/rollout-note.ts';
import { createTurns } from '../../platform/create-turns.ts';
import type { DewRollout, RolloutStore } from './rollout-store.ts';

/** What an order is held against. */
export interface OrderContext {
  readonly resource: ResourceId;
  readonly identity: LedgerIdentity;
  readonly state: LedgerState;
  /** Unix seconds. */
  readonly now: bigint;
}

/** A dew's rollouts: it keeps and hands on what accounts and devices signed, and has no say of its own. */
export interface DewRollouts {
  get(resource: ResourceId): DewRollout | undefined;
  /**
   * Takes an order, on disk (fsync) when it returns; the same one again is fine.
   * @throws what `verifyOrder` does, CONFLICT, LEDGER_BEHIND, DISK_FULL
   */
  takeOrder(signed: SignedOrder, context: OrderContext): Promise<void>;
  /**
   * Takes what a device says of itself, of several things about one order the last; what is about no order that counts
   * now for its group is passed over. Answers the resources whose canaries have now failed as often as their order allows.
   * @throws WRONG_DEVICE, UNAUTHENTICATED, DISK_FULL
   */
  takeOutcomes(
    outcomes: readonly SignedOutcome[],
    by: { readonly device: DeviceRecord; readonly state: LedgerState },
  ): Promise<readonly ResourceId[]>;
  /** What a device is to hear. */
  notesFor(device: DeviceRecord, state: LedgerState): readonly RolloutNote[];
}

/** What rollouts stand on; `nowMs` in Unix milliseconds. */
export interface DewRolloutsOptions {
  readonly store: RolloutStore;
  readonly nowMs: () => number;
  readonly isSignedBy: IsSignedBy;
}

/** Goes on from what the disk held. */
export function createDewRollouts({ store, nowMs, isSignedBy }: DewRolloutsOptions): DewRollouts {
  const rollouts = new Map(store.loaded);
  // Orders are named by a hash of up to 13,000 bytes: made once, not for each thing that a device says.
  const named = new Map([...rollouts].map(([resource, { signed }]) => [digestOfOrder(signed.order), resource]));
  const inTurn = createTurns();

  async function save(resource: ResourceId, rollout: DewRollout): Promise<void> {
    await store.save(resource, rollout);
    const before = rollouts.get(resource);
    if (before !== undefined) named.delete(digestOfOrder(before.signed.order));
    named.set(digestOfOrder(rollout.signed.order), resource);
    rollouts.set(resource, rollout);
  }

  async function takeOrder(signed: SignedOrder, { resource, identity, state, now }: OrderContext): Promise<void> {
    const known = rollouts.get(resource);
    const facts = factsOf(state);
    const order = verifyOrder({ signed, identity, resource, known: known?.signed.order, facts, now }, { isSignedBy });
    verifyVersions(order, state.heads.get(resource));
    if (known !== undefined && digestOfOrder(known.signed.order) === digestOfOrder(order)) return;
    const others = [...rollouts].filter(
      ([
        id,
        {
          signed: { order: other },
        },
      ]) => {
        return id !== resource && other.phase !== 'promoted' && isCurrent(other, state.heads.get(id));
      },
    );
    if (others.length >= MAX_ROLLOUT_NOTES) {
      throw new DewproofError('CONFLICT', `${MAX_ROLLOUT_NOTES} rollouts are under way; end one before the next.`);
    }
    const outcomes = known?.signed.order.to.digest === order.to.digest ? known.outcomes : [];
    await save(resource, { signed, receivedMs: nowMs(), halted: false, outcomes });
  }

  async function takeOutcome(
    signed: SignedOutcome,
    { resource, rollout }: { readonly resource: ResourceId; readonly rollout: DewRollout },
  ): Promise<boolean> {
    const { outcome } = signed;
    const { order } = rollout.signed;
    const before = rollout.outcomes.find((one) => one.signed.outcome.device === outcome.device);
    const others = rollout.outcomes.filter((one) => one !== before);
    if (before !== undefined && isSameOutcome([before.signed, signed])) {
      // Nothing new but that it was said: that is not worth a write, which a device could ask for without end.
      rollouts.set(resource, { ...rollout, outcomes: [...others, { ...before, atMs: nowMs() }] });
      return false;
    }
    // Failures that ended it stay as they are: they are the proof that canaries go back by.
    if (rollout.halted && before !== undefined && isFailureOf(before.signed, { order, device: outcome.device })) {
      return false;
    }
    const outcomes = [...others, { signed, atMs: nowMs() }];
    const proofs = outcomes.map((one) => one.signed);
    // Each was verified when it came, and the record is sealed: hundreds of signatures are not gone through again.
    const failed = failedCanaries({ order, outcomes: proofs }, { isSignedBy: () => true });
    const isOver = failed.size >= order.errorThreshold && (order.phase === 'canary' || order.phase === 'paused');
    await save(resource, { ...rollout, halted: rollout.halted || isOver, outcomes });
    return isOver && !rollout.halted;
  }

  return {
    get: (resource) => rollouts.get(resource),
    takeOrder: (signed, context) => inTurn(() => takeOrder(signed, context)),
    takeOutcomes: (outcomes, { device, state }) =>
      inTurn(async () => {
        for (const signed of outcomes) verifyOutcome(signed, { device: device.account, isSignedBy });
        const newest = new Map(outcomes.map((signed) => [signed.outcome.order, signed]));
        const halted: ResourceId[] = [];
        for (const [order, signed] of newest) {
          const resource = named.get(order);
          const rollout = resource && rollouts.get(resource);
          if (resource === undefined || rollout === undefined) continue;
          if (state.heads.get(resource)?.group !== device.group) continue;
          if (await takeOutcome(signed, { resource, rollout })) halted.push(resource);
        }
        return halted;
      }),
    notesFor: (device, state) => {
      const current = [...rollouts].filter(([resource, { signed }]) => {
        const head = state.heads.get(resource);
        return head?.group === device.group && isCurrent(signed.order, head);
      });
      const notes = current.map(([, rollout]) => rollout).filter((rollout) => !isDone(rollout, device.account));
      // Those that hold something back before those that no longer do.
      const inOrder = notes.toSorted((a, b) => Number(isPromoted(a)) - Number(isPromoted(b)));
      return inOrder.slice(0, MAX_ROLLOUT_NOTES).map(noteOf);
    },
  };
}

/** Pending or under way: its version is the ledger's newest, or is to be it. */
function isCurrent({ to }: RolloutOrder, head: ConfigurationRecord | undefined): boolean {
  return isSame(to, head) || BigInt(to.version) > (head?.version ?? 0n);
}

function verifyVersions(order: RolloutOrder, head: ConfigurationRecord | undefined): void {
  const { from, to } = order;
  if (isSame(to, head) || (isSame(from, head) && head?.status === 'active')) return;
  if (head === undefined || BigInt(from.version) > head.version) {
    throw new DewproofError(
      'LEDGER_BEHIND',
      'This dew does not know the versions of the order yet; send it again soon.',
    );
  }
  throw new DewproofError(
    'CONFLICT',
    `The order is about versions ${from.version} and ${to.version}, the ledger has ${head.version.toString()} by now.`,
  );
}

function verifyOutcome(
  { outcome, signature }: SignedOutcome,
  { device, isSignedBy }: { device: Account; isSignedBy: IsSignedBy },
): void {
  if (outcome.device !== device) {
    throw new DewproofError('WRONG_DEVICE', 'A device tells of its own rollouts only; sign as the device.');
  }
  if (isSignedBy({ account: device, message: messageOfOutcome(outcome), signature })) return;
  throw new DewproofError('UNAUTHENTICATED', 'The outcome was not signed by its device; sign it anew.');
}

function isSameOutcome([first, second]: readonly [SignedOutcome, SignedOutcome]): boolean {
  return digestOf(messageOfOutcome(first.outcome)) === digestOf(messageOfOutcome(second.outcome));
}

function isFailureOf({ outcome }: SignedOutcome, of: { order: RolloutOrder; device: Account }): boolean {
  return outcome.device === of.device && outcome.state === 'failed' && outcome.order === digestOfOrder(of.order);
}

function isPromoted({ signed }: DewRollout): boolean {
  return signed.order.phase === 'promoted';
}

/** A device that runs what was promoted need not hear of it any more. */
function isDone(rollout: DewRollout, account: Account): boolean {
  const name = digestOfOrder(rollout.signed.order);
  const runs = rollout.outcomes.some(({ signed: { outcome } }) => {
    return outcome.device === account && outcome.order === name && outcome.state === 'running';
  });
  return isPromoted(rollout) && runs;
}

function noteOf({ signed, halted, outcomes }: DewRollout): RolloutNote {
  const { order } = signed;
  const failures = outcomes
    .map((one) => one.signed)
    .filter((one) => isFailureOf(one, { order, device: one.outcome.device }));
  const proofs = failures.filter(({ outcome }) => order.canaries.includes(outcome.device));
  return { signed, failures: halted ? proofs.slice(0, order.errorThreshold) : [] };
}
