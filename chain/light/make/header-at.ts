import { DewproofError } from '../../../core/errors.ts';
import type { Rpc } from '../../evm/json-rpc.ts';
import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import type { Header } from '../qbft/header.ts';
import { readHeader } from './read-header.ts';

/** The header of a block that the node is to have. @throws LEDGER_UNAVAILABLE, PROOF_INVALID, LEDGER_BEHIND (it lacks it) */
export async function headerAt(
  height: bigint,
  { rpc, crypto }: { readonly rpc: Rpc; readonly crypto: ProofCrypto },
): Promise<Header> {
  const header = await readHeader({ height }, { rpc, crypto });
  if (header) return header;
  throw new DewproofError('LEDGER_BEHIND', `The node at ${rpc.url} has no block ${height} yet; wait for it.`);
}
