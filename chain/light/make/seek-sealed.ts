import { quantity } from '../../evm/rpc-schemas.ts';
import type { SetChange } from '../bundle/proof-bundle.ts';
import type { Header } from '../qbft/header.ts';
import { verifyQbft, type QbftFinality } from '../qbft/verify-qbft.ts';
import { findWay } from './find-way.ts';
import { headerAt } from './header-at.ts';
import type { MakeDeps } from './make-bundle.ts';
import type { VouchedHead, VouchedSource } from './vouched-head.ts';

/**
 * Asks the node for its newest block and holds the seals against the anchor. The headers that lead there from the
 * anchor's validators are looked for again only where those of the last time do not. Where a contract names the
 * validators, it is looked at in every new block: by the time that seals tell of a change, the node may have thrown away
 * what proves it.
 */
export function createSealedSource(deps: MakeDeps, finality: QbftFinality): VouchedSource {
  const { rpc, crypto } = deps;
  let changes: readonly SetChange[] = [];
  let known: readonly SetChange[] = [];
  let reached = 0n;
  const lookAgain = async (head: Header): Promise<void> => {
    changes = await findWay(head, { finality, known, rpc, crypto });
    // A node that was restored to an older block must not make us forget what it may not be able to prove again.
    if (head.height < reached) return;
    reached = head.height;
    known = changes;
  };
  const verify = (head: Header): VouchedHead => {
    const { hash, attestedAt } = verifyQbft({ changes, head }, { finality, crypto });
    const block = { height: head.height, hash, time: head.time };
    return { block, attestedAt, vouchers: { changes, header: head.raw, note: undefined } };
  };
  return {
    seek: async () => {
      const head = await headerAt(await rpc.call({ method: 'eth_blockNumber', params: [], answer: quantity }), deps);
      if (finality.contract) {
        await lookAgain(head);
        return verify(head);
      }
      try {
        return verify(head);
      } catch {
        await lookAgain(head);
        return verify(head);
      }
    },
    recall: (earlier) => {
      // What does not lead on is passed over when it is needed.
      known = [...known, ...earlier];
    },
  };
}
