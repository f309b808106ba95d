import { z } from 'zod';
import type { Account } from '../../../core/account.ts';
import { DewproofError } from '../../../core/errors.ts';
import { toQuantity } from '../../evm/blocks.ts';
import { refusalOf, type Rpc } from '../../evm/json-rpc.ts';
import { hexBytes } from '../../evm/rpc-schemas.ts';
import { fromHex, toHex } from '../hex.ts';

const proof = z.array(hexBytes).max(65);
const proofSchema = z.object({ accountProof: proof, storageProof: z.array(z.object({ proof })) });

/** A request of 300 slots is answered with about a megabyte. */
const SLOTS_A_REQUEST = 300;
/** One is answered while the other is parsed; more would only have the node do more at once. */
const REQUESTS_AT_ONCE = 2;

/**
 * All trie nodes, each once, that prove a contract's slots (32 bytes each) at block `height`: EIP-1186.
 * @throws LEDGER_UNAVAILABLE, NOT_PROVED (the node has no state of that block any more)
 */
export async function readNodes(
  {
    contract,
    slots: words,
    height,
    signal,
  }: {
    readonly contract: Account;
    readonly slots: readonly Uint8Array[];
    readonly height: bigint;
    readonly signal?: AbortSignal | undefined;
  },
  { rpc }: { readonly rpc: Rpc },
): Promise<readonly Uint8Array[]> {
  const slots = words.map(toHex);
  // Of a thousand slots' nodes two thirds are the same ones over and over: as text they are told apart soonest.
  const nodes = new Set<`0x${string}`>();
  let first = 0;
  const readRest = async (): Promise<void> => {
    while (first === 0 || first < slots.length) {
      const params = [contract, slots.slice(first, first + SLOTS_A_REQUEST), toQuantity(height)];
      first += SLOTS_A_REQUEST;
      const answer = await rpc
        .call({ method: 'eth_getProof', params, answer: proofSchema, signal })
        .catch((error: unknown) => explain(error, { url: rpc.url, height }));
      for (const list of [answer.accountProof, ...answer.storageProof.map((one) => one.proof)]) {
        for (const node of list) nodes.add(node);
      }
    }
  };
  await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, readRest));
  return [...nodes].map(fromHex);
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
