import { DewproofError } from '../../../core/errors.ts';
import type { AnchorOf } from '../../../core/state/anchor.ts';
import { toHex } from '../hex.ts';
import { parseHeader } from '../qbft/header.ts';
import { blockHash } from '../qbft/header-hash.ts';
import { collectQuorum, type CollectDeps } from '../witness/collect-quorum.ts';
import type { QuorumNote } from '../witness/gather-notes.ts';
import { verifyWitnessed } from '../witness/verify-witnessed.ts';
import type { MakeDeps } from './make-bundle.ts';
import { readHeader } from './read-header.ts';
import type { VouchedHead, VouchedSource } from './vouched-head.ts';

/** Whom to ask for notes, and who hears of answers of no use. */
export type WitnessDeps = Pick<CollectDeps, 'ask' | 'onTrouble'>;

/**
 * Asks the witnesses for the highest block that a quorum signed, and the node for its header. A node that lags behind
 * the witnesses always a little would otherwise never have the newest: the one before is tried then.
 */
export function createWitnessedSource(
  deps: MakeDeps & { readonly anchor: AnchorOf<'witnesses'> },
  witnesses: WitnessDeps,
): VouchedSource {
  let last: VouchedHead | undefined;
  let before: QuorumNote | undefined;
  const seek = async (): Promise<VouchedHead> => {
    const { anchor } = deps;
    const found = await collectQuorum({ anchor, ...witnesses });
    if (!found) throw tooFew();
    const candidates = before && before.height < found.height ? [found, before] : [found];
    before = found;
    for (const candidate of candidates) {
      const vouched = await headOf(candidate, { ...deps, last });
      if (vouched) return (last = vouched);
    }
    throw new DewproofError(
      'LEDGER_BEHIND',
      `The node at ${deps.rpc.url} has no block ${found.height} yet, which witnesses signed; wait for it.`,
    );
  };
  return { seek, recall: () => undefined };
}

async function headOf(
  { height, hash, note }: QuorumNote,
  { last, ...deps }: MakeDeps & { readonly anchor: AnchorOf<'witnesses'>; readonly last: VouchedHead | undefined },
): Promise<VouchedHead | undefined> {
  // A head that is signed again is the same block: the node need not be asked, nor be there.
  const known = last?.block.hash === hash ? last.vouchers.header : undefined;
  const head = known ? parseHeader(known) : await readHeader({ height }, deps);
  if (!head) return undefined;
  const own = toHex(blockHash(head, deps.crypto));
  if (own !== hash) {
    throw new DewproofError(
      'EQUIVOCATION',
      `Witnesses signed block ${height} as ${hash}, the node at ${deps.rpc.url} has ${own}: it lies or follows another fork. Check the node.`,
    );
  }
  const { attestedAt } = verifyWitnessed({ head, note }, deps);
  const block = { height, hash, time: head.time };
  return { block, attestedAt, vouchers: { changes: [], header: head.raw, note } };
}

function tooFew(): DewproofError {
  return new DewproofError(
    'LEDGER_BEHIND',
    'Too few witnesses answered with notes on one block; check that a quorum of them runs and can be reached.',
  );
}
