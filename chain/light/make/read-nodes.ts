import { z } from 'zod';
import type { Account } from '../../../core/account.ts';
import { DewproofError } from '../../../core/errors.ts';
import { toQuantity } from '../../evm/blocks.ts';
import { refusalOf, type Rpc } from '../../evm/json-rpc.ts';
import { hexBytes } from '../../evm/rpc-schemas.ts';
import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import { createStorageSlots } from '../facts/storage-slots.ts';
import { fromHex, toHex } from '../hex.ts';
import type { Claims } from './build-bundle.ts';

const proof = z.array(hexBytes.transform(fromHex)).max(65);
const proofSchema = z.object({ accountProof: proof, storageProof: z.array(z.object({ proof })) });

/** A request of 300 slots is answered with about a megabyte. */
const SLOTS_A_REQUEST = 300;

/**
 * All trie nodes (some of them many times) that prove the claims' slots at block `height`: EIP-1186.
 * @throws LEDGER_UNAVAILABLE, NOT_PROVED (the node has no state of that block any more)
 */
export async function readNodes(
  { claims, registry, height }: { readonly claims: Claims; readonly registry: Account; readonly height: bigint },
  { rpc, crypto }: { readonly rpc: Rpc; readonly crypto: ProofCrypto },
): Promise<readonly Uint8Array[]> {
  const slots = slotsOf(claims, crypto).map(toHex);
  const nodes: Uint8Array[] = [];
  for (let first = 0; first === 0 || first < slots.length; first += SLOTS_A_REQUEST) {
    const params = [registry, slots.slice(first, first + SLOTS_A_REQUEST), toQuantity(height)];
    const answer = await rpc
      .call({ method: 'eth_getProof', params, answer: proofSchema })
      .catch((error: unknown) => explain(error, { url: rpc.url, height }));
    nodes.push(...answer.accountProof, ...answer.storageProof.flatMap((one) => one.proof));
  }
  return nodes;
}

/** A node that is there but refuses has, as a rule, thrown the old block's state away: Besu keeps 512 blocks' worth. */
function explain(error: unknown, { url, height }: { readonly url: string; readonly height: bigint }): never {
  const refusal = refusalOf(error);
  if (!refusal) throw error;
  throw new DewproofError(
    'NOT_PROVED',
    `The node at ${url} gives no proofs of block ${height} (${refusal.message}); ask for a newer block, or a node that keeps more.`,
    { cause: error },
  );
}

function slotsOf({ heads, devices, grants, members }: Claims, crypto: ProofCrypto): readonly Uint8Array[] {
  const slots = createStorageSlots(crypto);
  return [
    ...heads.map(({ resource }) => slots.head(resource)),
    ...devices.map(({ account }) => slots.device(account)),
    ...grants.map((claim) => slots.grant(claim)),
    ...members.map((claim) => slots.member(claim)),
  ];
}
