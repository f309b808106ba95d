import { DewproofError } from '../../../core/errors.ts';
import { quantity } from '../../evm/rpc-schemas.ts';
import type { Header } from '../qbft/header.ts';
import { verifyQbft, type QbftFinality } from '../qbft/verify-qbft.ts';
import { findChanges } from './find-changes.ts';
import type { MakeDeps } from './make-bundle.ts';
import { readHeader } from './read-header.ts';
import type { VouchedHead } from './vouched-head.ts';

/**
 * Asks the node for its newest block and holds the seals against the anchor. The headers that lead there from the
 * anchor's validators are looked for again only where those of the last time do not.
 */
export function createSealedSource(deps: MakeDeps, finality: QbftFinality): () => Promise<VouchedHead> {
  const { rpc, crypto } = deps;
  let changes: readonly Uint8Array[] = [];
  const headerAt = async (height: bigint): Promise<Header> => {
    const header = await readHeader({ height }, deps);
    if (header) return header;
    throw new DewproofError('LEDGER_BEHIND', `The node at ${rpc.url} has no block ${height}; wait for it.`);
  };
  const verify = (head: Header): VouchedHead => {
    const { hash, attestedAt } = verifyQbft({ changes, head }, { finality, crypto });
    const block = { height: head.height, hash, time: head.time };
    return { block, attestedAt, vouchers: { changes, header: head.raw, note: undefined } };
  };
  return async () => {
    const head = await headerAt(await rpc.call({ method: 'eth_blockNumber', params: [], answer: quantity }));
    try {
      return verify(head);
    } catch {
      changes = await findChanges(head, { finality, headerAt, crypto });
      return verify(head);
    }
  };
}
