import { DewproofError } from '../../core/errors.ts';
import type { LinkedBlock, NodeReading, SignedHead, WitnessNode } from '../../core/witness/ports.ts';
import { readBlock } from '../evm/blocks.ts';
import type { Rpc } from '../evm/json-rpc.ts';
import { quantity } from '../evm/rpc-schemas.ts';
import type { ProofCrypto } from '../light/crypto/proof-crypto.ts';
import { toHex } from '../light/hex.ts';
import { readHeader } from '../light/make/read-header.ts';
import { blockHash } from '../light/qbft/header-hash.ts';
import { rlpBytes } from '../light/rlp.ts';
import { MAX_CATCH_UP } from './plan-signing.ts';

/** A block counts once `confirmations` others stand on it. */
export interface EvmNodeDeps {
  readonly rpc: Rpc;
  readonly crypto: ProofCrypto;
  readonly confirmations: number;
}

/** How many calls are in flight at once. */
const AT_ONCE = 8n;

/** An Ethereum node as a witness reads it; who it is, it is asked every time: it may come back as another. */
export function createEvmWitnessNode(deps: EvmNodeDeps): WitnessNode {
  return { read: (question) => readNode(deps, question) };
}

async function readNode(
  deps: EvmNodeDeps,
  { signed, signal }: { readonly signed: SignedHead | undefined; readonly signal: AbortSignal },
): Promise<NodeReading> {
  const { rpc, confirmations } = deps;
  const chain = `eip155:${await rpc.call({ method: 'eth_chainId', params: [], answer: quantity, signal })}`;
  const genesis = await readBlock(rpc, { height: 0n, signal });
  const latest = await readBlock(rpc, { height: 'latest', signal });
  if (!genesis || !latest) {
    throw new DewproofError('LEDGER_BEHIND', `The node at ${rpc.url} has no blocks yet; wait for it.`);
  }
  const final = latest.number - BigInt(confirmations);
  const blocks = final < 0n ? [] : await readBlocks(deps, { from: firstToSign(final, { signed }), to: final, signal });
  const last = blocks.at(-1);
  if (last) await verifyStillDeep(deps, { last, signal });
  // Last: the chain that has the blocks must have the signed one too.
  const atSigned =
    signed && signed.height <= latest.number ? await readLinked(deps, { height: signed.height, signal }) : undefined;
  return { chain, genesis: genesis.hash, latest: latest.number, atSigned, blocks };
}

/** Every height, so that witnesses meet at one; but a witness that was away for long does not sign what nobody asks for. */
function firstToSign(final: bigint, { signed }: { readonly signed: SignedHead | undefined }): bigint {
  if (!signed) return final;
  const next = signed.height + 1n;
  const first = final - MAX_CATCH_UP + 1n;
  return first > next ? first : next;
}

interface Span {
  readonly from: bigint;
  readonly to: bigint;
  readonly signal: AbortSignal;
}

async function readBlocks(deps: EvmNodeDeps, { from, to, signal }: Span): Promise<readonly LinkedBlock[]> {
  const blocks: LinkedBlock[] = [];
  for (let at = from; at <= to; at += AT_ONCE) {
    const heights = Array.from({ length: Number(AT_ONCE) }, (_, index) => at + BigInt(index)).filter(
      (one) => one <= to,
    );
    const found = await Promise.all(heights.map((height) => readLinked(deps, { height, signal })));
    for (const block of found) {
      if (!block) throw changed(deps);
      blocks.push(block);
    }
  }
  return blocks;
}

/** Between two calls the chain may have been cut back: what was read then would not be as deep as it seemed. */
async function verifyStillDeep(
  deps: EvmNodeDeps,
  { last, signal }: { readonly last: LinkedBlock; readonly signal: AbortSignal },
): Promise<void> {
  const newest = await readBlock(deps.rpc, { height: 'latest', signal });
  const again = await readBlock(deps.rpc, { height: last.height, signal });
  const isDeep = newest !== undefined && newest.number >= last.height + BigInt(deps.confirmations);
  if (!isDeep || again?.hash !== last.hash) throw changed(deps);
}

async function readLinked(
  { rpc, crypto }: EvmNodeDeps,
  { height, signal }: { readonly height: bigint; readonly signal: AbortSignal },
): Promise<LinkedBlock | undefined> {
  const header = await readHeader({ height, signal }, { rpc, crypto });
  return header && { height, hash: toHex(blockHash(header, crypto)), parentHash: toHex(rlpBytes(header.items[0], 32)) };
}

function changed({ rpc }: EvmNodeDeps): DewproofError {
  return new DewproofError('LEDGER_UNAVAILABLE', `The chain of the node at ${rpc.url} changed while it was read.`);
}
