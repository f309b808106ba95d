import { readBlock } from '../../chain/evm/blocks.ts';
import { identifyNode } from '../../chain/evm/identity.ts';
import { openRpc, type Rpc } from '../../chain/evm/json-rpc.ts';
import { loadProofCrypto } from '../../chain/light/crypto/load-crypto.ts';
import type { ProofCrypto } from '../../chain/light/crypto/proof-crypto.ts';
import { readHeader } from '../../chain/light/make/read-header.ts';
import { parseQbftExtra } from '../../chain/light/qbft/extra-data.ts';
import type { Header } from '../../chain/light/qbft/header.ts';
import { isBftHeader } from '../../chain/light/qbft/header-hash.ts';
import type { Account } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';
import type { Anchor } from '../../core/state/anchor.ts';

/** A node of an anchor's chain, and what its answers are checked with. */
export interface AnchorNode {
  readonly rpc: Rpc;
  readonly crypto: ProofCrypto;
}

/**
 * Reads the header of the block that an anchor is to name from a node, once that turned out to be of the anchor's chain
 * and to hold its registry. Several who sign an anchor should each ask their own node.
 * @throws WRONG_CHAIN, LEDGER_BEHIND, LEDGER_UNAVAILABLE; CONFLICT (the next block lists other validators)
 */
export async function readAnchorBlock(
  anchor: Anchor,
  { url, height }: { readonly url: string; readonly height: number | 'latest' },
): Promise<{ readonly header: Header; readonly node: AnchorNode }> {
  const rpc = openRpc({ url });
  const { chain, genesis, codeHash } = anchor;
  const registry = anchor.registry as Account;
  await identifyNode(rpc, { registry, expected: { chain, genesis, codeHash } }).verify();
  const at = height === 'latest' ? await newestFollowed(rpc) : BigInt(height);
  const node = { rpc, crypto: await loadProofCrypto() };
  const header = at === undefined ? undefined : await readHeader({ height: at }, node);
  if (header === undefined) {
    throw new DewproofError(
      'LEDGER_BEHIND',
      `The node at ${url} has no block ${height}; wait, or name another height.`,
    );
  }
  await verifySettled(header, node);
  return { header, node };
}

/** The newest block that has another on it. */
async function newestFollowed(rpc: Rpc): Promise<bigint | undefined> {
  const newest = await readBlock(rpc, { height: 'latest' });
  return newest && (newest.number > 0n ? newest.number - 1n : newest.number);
}

/** Whoever begins at the last block under a set could not follow the change: the votes for it lie before. */
async function verifySettled(header: Header, node: AnchorNode): Promise<void> {
  // The genesis file may list them in any order; whether it is a block to begin at, is judged elsewhere.
  if (!isBftHeader(header) || header.height === 0n) return;
  const next = await readHeader({ height: header.height + 1n }, node);
  if (next === undefined || listedBy(next)?.join() === listedBy(header)?.join()) return;
  throw new DewproofError(
    'CONFLICT',
    `The validators change right after block ${header.height}; name a later height with --checkpoint, or --begin.`,
  );
}

function listedBy(header: Header): readonly Account[] | undefined {
  return isBftHeader(header) ? parseQbftExtra(header.extraData).validators : undefined;
}
