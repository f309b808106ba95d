import type { Rpc } from '../../evm/json-rpc.ts';
import type { SetChange } from '../bundle/proof-bundle.ts';
import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import type { Header } from '../qbft/header.ts';
import type { QbftFinality } from '../qbft/verify-qbft.ts';
import { findChanges } from './find-changes.ts';
import { findNamedChanges } from './find-named-changes.ts';
import { headerAt } from './header-at.ts';
import { readNamedSet } from './read-named-set.ts';

/**
 * What leads from the anchor's validators to those who sealed `head`, out of a node's own chain, whoever names them;
 * `known` is what was found before. @throws LEDGER_UNAVAILABLE, LEDGER_BEHIND, PROOF_INVALID, NOT_PROVED, WRONG_CHAIN
 */
export async function findWay(
  head: Header,
  {
    finality,
    known = [],
    rpc,
    crypto,
  }: {
    readonly finality: QbftFinality;
    readonly known?: readonly SetChange[] | undefined;
    readonly rpc: Rpc;
    readonly crypto: ProofCrypto;
  },
): Promise<readonly SetChange[]> {
  const from = (height: bigint) => headerAt(height, { rpc, crypto });
  const { contract } = finality;
  if (!contract) return findChanges(head, { finality, headerAt: from, crypto });
  return findNamedChanges(head, {
    finality,
    contract,
    known,
    headerAt: from,
    namedIn: (asked) => readNamedSet(asked, { contract, rpc, crypto }),
    crypto,
  });
}
