import { parseAccount } from '../../../core/account.ts';
import type { Anchor } from '../../../core/state/anchor.ts';
import type { Rpc } from '../../evm/json-rpc.ts';
import type { SetChange } from '../bundle/proof-bundle.ts';
import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import type { Header } from '../qbft/header.ts';
import { buildBundle, type Claims, type Vouchers } from './build-bundle.ts';
import { claimedSlots } from './claimed-slots.ts';
import { findWay } from './find-way.ts';
import { headerAt } from './header-at.ts';
import { readNodes } from './read-nodes.ts';

/** Which node is asked, for devices of which anchor. */
export interface MakeDeps {
  readonly rpc: Rpc;
  readonly anchor: Anchor;
  readonly crypto: ProofCrypto;
}

/**
 * Makes a bundle of `claims` as of block `height`, out of what a node serves over JSON-RPC; `note` is the witnesses'
 * signed note on that block, where the anchor trusts witnesses; `known` are changes of the validators out of an earlier
 * bundle, which the node may not be able to prove any more. What the node says is proved, but for the seals and
 * signatures: whoever opens the bundle checks those.
 * @throws LEDGER_UNAVAILABLE, LEDGER_BEHIND (the node lacks the block), PROOF_INVALID (what it serves proves nothing),
 * NOT_PROVED (it has no proofs of so old a block, or validators changed and it can't be shown), WRONG_CHAIN
 */
export async function makeBundle(
  {
    claims,
    height,
    note,
    known,
  }: {
    readonly claims: Claims;
    readonly height: bigint;
    readonly note: Uint8Array | undefined;
    readonly known?: readonly SetChange[] | undefined;
  },
  deps: MakeDeps,
): Promise<Uint8Array> {
  const { anchor, rpc, crypto } = deps;
  const head = await headerAt(height, deps);
  const vouchers = await vouchFor(head, { note, known }, deps);
  const slots = claimedSlots(claims, crypto);
  const nodes = await readNodes({ contract: parseAccount(anchor.registry), slots, height }, { rpc });
  return buildBundle({ claims, vouchers, nodes }, { anchor, crypto });
}

async function vouchFor(
  head: Header,
  { note, known }: { readonly note: Uint8Array | undefined; readonly known: readonly SetChange[] | undefined },
  { anchor: { finality }, rpc, crypto }: MakeDeps,
): Promise<Vouchers> {
  if (finality.kind !== 'qbft') return { changes: [], header: head.raw, note };
  const changes = await findWay(head, { finality, known, rpc, crypto });
  return { changes, header: head.raw, note: undefined };
}
