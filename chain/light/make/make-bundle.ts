import { parseAccount } from '../../../core/account.ts';
import { DewproofError } from '../../../core/errors.ts';
import type { Anchor } from '../../../core/state/anchor.ts';
import type { Rpc } from '../../evm/json-rpc.ts';
import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import type { Header } from '../qbft/header.ts';
import { buildBundle, type Claims, type Vouchers } from './build-bundle.ts';
import { findChanges } from './find-changes.ts';
import { readHeader } from './read-header.ts';
import { readNodes } from './read-nodes.ts';

/** Which node is asked, for devices of which anchor. */
export interface MakeDeps {
  readonly rpc: Rpc;
  readonly anchor: Anchor;
  readonly crypto: ProofCrypto;
}

/**
 * Makes a bundle of `claims` as of block `height`, out of what a node serves over JSON-RPC; `note` is the witnesses'
 * signed note on that block, where the anchor trusts witnesses. What the node says is proved, but for the seals and
 * signatures: whoever opens the bundle checks those.
 * @throws LEDGER_UNAVAILABLE, LEDGER_BEHIND (the node lacks the block), PROOF_INVALID (what it serves proves nothing),
 * NOT_PROVED (it has no proofs of so old a block, or validators changed and it can't be shown), WRONG_CHAIN
 */
export async function makeBundle(
  { claims, height, note }: { readonly claims: Claims; readonly height: bigint; readonly note: Uint8Array | undefined },
  deps: MakeDeps,
): Promise<Uint8Array> {
  const { anchor, rpc, crypto } = deps;
  const head = await headerAt(height, deps);
  const vouchers = await vouchFor(head, { note }, deps);
  const nodes = await readNodes({ claims, registry: parseAccount(anchor.registry), height }, { rpc, crypto });
  return buildBundle({ claims, vouchers, nodes }, { anchor, crypto });
}

async function vouchFor(
  head: Header,
  { note }: { readonly note: Uint8Array | undefined },
  deps: MakeDeps,
): Promise<Vouchers> {
  const { finality } = deps.anchor;
  if (finality.kind !== 'qbft') return { changes: [], header: head.raw, note };
  const from = (height: bigint) => headerAt(height, deps);
  const changes = await findChanges(head, { finality, headerAt: from, crypto: deps.crypto });
  return { changes, header: head.raw, note: undefined };
}

async function headerAt(height: bigint, { rpc, crypto }: MakeDeps): Promise<Header> {
  const header = await readHeader({ height }, { rpc, crypto });
  if (header) return header;
  throw new DewproofError('LEDGER_BEHIND', `The node at ${rpc.url} has no block ${height} yet; wait for it.`);
}
