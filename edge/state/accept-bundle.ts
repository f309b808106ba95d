import { DewproofError } from '../../core/errors.ts';
import type { ResourceId } from '../../core/ids.ts';
import type { BlockRef } from '../../core/ledger/records.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import type { OpenState } from '../../core/state/ports.ts';
import type { VerifiedState } from '../../core/state/verified-state.ts';
import type { StoredSeen } from '../store/stored-records.ts';

/** A bundle and by whose word it is opened; `now` in Unix seconds, 0 where no clock is to be believed. */
export interface OpenQuestion {
  readonly bundle: Uint8Array;
  readonly anchor: Anchor;
  readonly openState: OpenState;
  readonly now: bigint;
}

/** What the device accepted before. */
export interface Accepted {
  /** The block of the newest bundle accepted, from durable storage. */
  readonly lastBlock: BlockRef | undefined;
  readonly seen: ReadonlyMap<ResourceId, StoredSeen>;
}

/**
 * Opens a bundle against the anchor and the block that its operators vouch for.
 * @throws PROOF_INVALID, QUORUM, WRONG_CHAIN, SCHEMA, ENDLESS_DATA, ROLLBACK, EQUIVOCATION
 */
export function openAnchored({ bundle, anchor, openState, now }: OpenQuestion): VerifiedState {
  const state = openState(bundle, anchor, now);
  verifyFloor(state.block, anchor);
  return state;
}

/**
 * Holds an opened state against what was accepted before: a device never goes back in time. What a bundle leaves out is
 * no error. It does not say how old the state is: a device that was never shown a newer one can't know.
 * @throws ROLLBACK, EQUIVOCATION
 */
export function verifyAccepted(state: VerifiedState, { lastBlock, seen }: Accepted): void {
  if (lastBlock !== undefined) verifyBlock(state.block, lastBlock);
  for (const [resource, version] of seen) verifyVersion(state, { resource, seen: version });
}

/**
 * Holds a block against those that an anchor names: its checkpoint, and where its validators begin, which counts for
 * what a former anchor opened as well. @throws ROLLBACK, EQUIVOCATION
 */
export function verifyFloor(block: BlockRef, { checkpoint, finality }: Anchor): void {
  for (const floor of [checkpoint, finality.kind === 'qbft' ? finality : undefined]) {
    if (floor !== undefined) verifyBlock(block, { hash: floor.hash, height: BigInt(floor.height), time: 0n });
  }
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
  if (state.tellsOf?.({ kind: 'record', resource }) === false) return;
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
