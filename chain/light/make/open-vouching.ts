import type { AnchorOf } from '../../../core/state/anchor.ts';
import { DewproofError } from '../../../core/errors.ts';
import type { BlockRef } from '../../../core/ledger/records.ts';
import type { SetChange } from '../bundle/proof-bundle.ts';
import type { MakeDeps } from './make-bundle.ts';
import { createSealedSource } from './seek-sealed.ts';
import { createWitnessedSource, type WitnessDeps } from './seek-witnessed.ts';
import type { VouchedHead, VouchedSource } from './vouched-head.ts';

/** Which blocks count, as validators or witnesses say. */
export interface Vouching {
  /**
   * The newest block that counts; never an older one than before. Who asks within a moment shares the answer.
   * @throws LEDGER_UNAVAILABLE, LEDGER_BEHIND, EQUIVOCATION, QUORUM, PROOF_INVALID, NOT_PROVED
   */
  newest(): Promise<VouchedHead>;
  /** What vouches for a block, the newest signatures of it that were seen; undefined where it was no newest one lately. */
  of(block: Pick<BlockRef, 'hash'>): VouchedHead | undefined;
  /** Changes of the validators that were proved before, oldest first; nothing of them is believed. */
  recall(changes: readonly SetChange[]): void;
}

const MOST_REMEMBERED = 64;
const SHARED_MS = 1_000;

/** Opens the vouching of an anchor's validators or witnesses; nobody is asked yet. @throws CONFIG (the anchor trusts a node) */
export function openVouching(deps: MakeDeps, witnesses: WitnessDeps, { sharedMs = SHARED_MS } = {}): Vouching {
  const source = sourceOf(deps, witnesses);
  const remembered = new Map<string, VouchedHead>();
  let newest: VouchedHead | undefined;
  let asking: Promise<VouchedHead> | undefined;
  let askedAtMs = -Infinity;

  const ask = async (): Promise<VouchedHead> => {
    const found = await source.seek();
    const known = remembered.get(found.block.hash);
    if (!known || known.attestedAt < found.attestedAt) {
      remembered.delete(found.block.hash);
      remembered.set(found.block.hash, found);
    }
    const [oldest] = remembered.keys();
    if (remembered.size > MOST_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
    if (!newest || found.block.height >= newest.block.height) newest = remembered.get(found.block.hash) ?? found;
    return newest;
  };
  return {
    newest: () => {
      if (!asking || performance.now() - askedAtMs > sharedMs) {
        askedAtMs = performance.now();
        asking = ask().finally(() => {
          askedAtMs = performance.now();
        });
      }
      return asking;
    },
    of: ({ hash }) => remembered.get(hash),
    recall: (changes) => {
      source.recall(changes);
    },
  };
}

function sourceOf(deps: MakeDeps, witnesses: WitnessDeps): VouchedSource {
  const { anchor } = deps;
  switch (anchor.finality.kind) {
    case 'qbft':
      return createSealedSource(deps, anchor.finality);
    case 'witnesses':
      return createWitnessedSource({ ...deps, anchor: anchor as AnchorOf<'witnesses'> }, witnesses);
    case 'rpc':
      throw new DewproofError('CONFIG', 'This anchor trusts a node, so that nothing can be proved to who has it.');
  }
}
