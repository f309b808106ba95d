import type { BlockRef } from '../../core/ledger/records.ts';
import { DewproofError } from '../../core/errors.ts';
import type { Rpc } from './json-rpc.ts';
import { blockSchema, type RpcBlock } from './rpc-schemas.ts';

/** A height as JSON-RPC writes it. */
export function toQuantity(value: bigint): string {
  return `0x${value.toString(16)}`;
}

/** The header at `height` in the node's own chain; undefined where its chain is not that long. @throws LEDGER_UNAVAILABLE */
export async function readBlock(
  rpc: Rpc,
  { height, signal }: { readonly height: bigint | 'latest'; readonly signal?: AbortSignal | undefined },
): Promise<RpcBlock | undefined> {
  const tag = height === 'latest' ? height : toQuantity(height);
  const block = await rpc.call({ method: 'eth_getBlockByNumber', params: [tag, false], answer: blockSchema, signal });
  if (block && height !== 'latest' && block.number !== height) {
    throw new DewproofError(
      'LEDGER_UNAVAILABLE',
      `The node at ${rpc.url} answers another block than asked; replace it.`,
    );
  }
  return block ?? undefined;
}

/** The newest block that is `confirmations` deep; the genesis block counts at once. @throws LEDGER_UNAVAILABLE */
export async function readFinalHead(
  rpc: Rpc,
  { confirmations, signal }: { readonly confirmations: number; readonly signal?: AbortSignal | undefined },
): Promise<BlockRef> {
  const latest = await readBlock(rpc, { height: 'latest', signal });
  const height = latest && latest.number > BigInt(confirmations) ? latest.number - BigInt(confirmations) : 0n;
  const final = confirmations === 0 ? latest : await readBlock(rpc, { height, signal });
  // Between the two calls the chain may have become shorter.
  if (!final) throw new DewproofError('LEDGER_UNAVAILABLE', `The node at ${rpc.url} has no blocks yet; wait for it.`);
  return toBlockRef(final);
}

/** A header's place and time. */
export function toBlockRef({ number, hash, timestamp }: RpcBlock): BlockRef {
  return { height: number, hash, time: timestamp };
}
