import { fromHex } from '../../chain/light/hex.ts';
import { decodeRlp, encodeRlp } from '../../chain/light/rlp.ts';
import { blockOf } from './qbft-node.ts';
import { serveRpc, type RpcCall } from './serve-rpc.ts';
import { hashOf, plainHeader, replaceItem } from './test-validators.ts';

/** A node whose chain can be cut back, mined anew and brought back; heights are indexes. */
export interface ForkingNode {
  readonly url: string;
  /** Headers in RLP. */
  blocks: readonly Uint8Array[];
  mine(count: number, fork?: string): void;
  /** What it answers in place of the truth. */
  bend: (answer: unknown) => unknown;
  close(): Promise<void>;
}

/** Starts a node of chain 1337, of its genesis block alone, that answers what a witness asks. */
export async function startForkingNode(): Promise<ForkingNode> {
  const node: Pick<ForkingNode, 'blocks' | 'mine' | 'bend'> = {
    bend: (truth) => truth,
    blocks: [plainHeader({ height: 0n })],
    mine: (count, fork = '') => {
      for (let mined = 0; mined < count; mined += 1) node.blocks = [...node.blocks, follow(node.blocks, fork)];
    },
  };
  const answer = ({ method, params: [at] }: RpcCall): unknown => {
    if (method === 'eth_chainId') return '0x539';
    const raw = at === 'latest' ? node.blocks.at(-1) : node.blocks[Number(at)];
    return raw ? blockOf(raw) : null;
  };
  return Object.assign(node, await serveRpc((call) => node.bend(answer(call))));
}

function follow(blocks: readonly Uint8Array[], fork: string): Uint8Array {
  const plain = decodeRlp(plainHeader({ height: BigInt(blocks.length) }));
  const child = replaceItem(plain, { path: [0], by: fromHex(hashOf(blocks.at(-1) ?? Buffer.of())) });
  return encodeRlp(replaceItem(child, { path: [12], by: Buffer.from(fork) }));
}
