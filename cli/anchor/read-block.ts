import { readBlock } from '../../chain/evm/blocks.ts';
import { identifyNode } from '../../chain/evm/identity.ts';
import { openRpc, type Rpc } from '../../chain/evm/json-rpc.ts';
import { loadProofCrypto } from '../../chain/light/crypto/load-crypto.ts';
import { toHex } from '../../chain/light/hex.ts';
import { readHeader } from '../../chain/light/make/read-header.ts';
import { parseQbftExtra } from '../../chain/light/qbft/extra-data.ts';
import type { Header } from '../../chain/light/qbft/header.ts';
import { blockHash, isBftHeader } from '../../chain/light/qbft/header-hash.ts';
import type { Account } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';
import type { Anchor } from '../../core/state/anchor.ts';

/** A block as an anchor names it. */
export interface AnchorBlock {
  readonly height: number;
  readonly hash: `0x${string}`;
  /** Unix seconds. */
  readonly time: number;
  /** Whom it lists: undefined where its chain is not QBFT, none where a contract names the validators. */
  readonly validators: readonly Account[] | undefined;
}

/**
 * Reads the block of `height` from a node, once that turned out to be of the anchor's chain and to hold its registry.
 * Whoever signs an anchor with it trusts this node; several who sign should each ask their own.
 * @throws WRONG_CHAIN, LEDGER_BEHIND, LEDGER_UNAVAILABLE; CONFLICT (the next block lists other validators)
 */
export async function readAnchorBlock(
  anchor: Anchor,
  { url, height }: { readonly url: string; readonly height: number | 'latest' },
): Promise<AnchorBlock> {
  const rpc = openRpc({ url });
  const { chain, genesis, codeHash } = anchor;
  const registry = anchor.registry as Account;
  await identifyNode(rpc, { registry, expected: { chain, genesis, codeHash } }).verify();
  const at = height === 'latest' ? await newestFollowed(rpc) : BigInt(height);
  const crypto = await loadProofCrypto();
  const header = at === undefined ? undefined : await readHeader({ height: at }, { rpc, crypto });
  if (header === undefined) {
    throw new DewproofError(
      'LEDGER_BEHIND',
      `The node at ${url} has no block ${height}; wait, or name another height.`,
    );
  }
  await verifySettled(rpc, { header, crypto });
  const hash = toHex(blockHash(header, crypto));
  return { height: Number(header.height), hash, time: Number(header.time), validators: validatorsOf(header) };
}

/** The newest block that has another on it. */
async function newestFollowed(rpc: Rpc): Promise<bigint | undefined> {
  const newest = await readBlock(rpc, { height: 'latest' });
  return newest && (newest.number > 0n ? newest.number - 1n : newest.number);
}

/** Whoever begins at the last block under a set could not follow the change: the votes for it lie before. */
async function verifySettled(
  rpc: Rpc,
  { header, crypto }: { readonly header: Header; readonly crypto: Awaited<ReturnType<typeof loadProofCrypto>> },
): Promise<void> {
  if (!isBftHeader(header)) return;
  const next = await readHeader({ height: header.height + 1n }, { rpc, crypto });
  if (next === undefined || validatorsOf(next)?.join() === validatorsOf(header)?.join()) return;
  throw new DewproofError(
    'CONFLICT',
    `The validators change right after block ${header.height}; name a later height with --checkpoint.`,
  );
}

function validatorsOf(header: Header): readonly Account[] | undefined {
  return isBftHeader(header) ? parseQbftExtra(header.extraData).validators : undefined;
}
