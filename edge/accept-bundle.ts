import { DewproofError } from '../core/errors.ts';
import type { ResourceId } from '../core/ids.ts';
import type { BlockRef } from '../core/ledger/records.ts';
import type { Anchor } from '../core/state/anchor.ts';
import type { OpenState } from '../core/state/ports.ts';
import type { VerifiedState } from '../core/state/verified-state.ts';
import type { StoredSeen } from './store/stored-records.ts';

/** A bundle and what the device accepted before it; `now` in Unix seconds. */
export interface BundleQuestion {
  readonly bundle: Uint8Array;
  readonly anchor: Anchor;
  readonly openState: OpenState;
  readonly now: bigint;
  /** The block of the newest bundle accepted, from durable storage. */
  readonly lastBlock: BlockRef | undefined;
  readonly seen: ReadonlyMap<ResourceId, StoredSeen>;
}

/**
 * Opens a bundle and holds it against what was accepted before: a device never goes back in time.
 * It does not say how old the bundle is: a device that was never shown a newer one can't know.
 * @throws PROOF_INVALID, WRONG_CHAIN, SCHEMA, ENDLESS_DATA, ROLLBACK, EQUIVOCATION
 */
export function acceptBundle(question: BundleQuestion): VerifiedState {
  const state = question.openState(question.bundle, question.anchor, question.now);
  if (question.lastBlock !== undefined) verifyBlock(state.block, question.lastBlock);
  for (const [resource, seen] of question.seen) verifyVersion(state, { resource, seen });
  return state;
}

function verifyBlock(block: BlockRef, last: BlockRef): void {
  const heights = `block ${block.height.toString()} after ${last.height.toString()}`;
  if (block.height < last.height || block.time < last.time) {
    throw new DewproofError('ROLLBACK', `A source shows ${heights}, or an earlier time: ask one that is not behind.`);
  }
  if (block.height === last.height && block.hash !== last.hash) {
    throw new DewproofError('EQUIVOCATION', `A source shows another ${heights}: ask the operator which chain holds.`);
  }
}

function verifyVersion(state: VerifiedState, { resource, seen }: { resource: ResourceId; seen: StoredSeen }): void {
  const record = state.record(resource);
  if (record === undefined) return;
  const versions = `version ${record.version.toString()} after ${seen.version.toString()}`;
  if (record.version < seen.version) {
    throw new DewproofError('ROLLBACK', `A source shows ${versions} of a resource: ask one that is not behind.`);
  }
  if (record.version === seen.version && record.digest !== seen.digest) {
    throw new DewproofError('EQUIVOCATION', `A source shows another ${versions}: ask the operator which holds.`);
  }
}
