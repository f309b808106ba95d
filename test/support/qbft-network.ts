import { openRpc } from '../../chain/evm/json-rpc.ts';
import { nobleCrypto } from '../../chain/light/crypto/noble-crypto.ts';
import { fromHex, toHex } from '../../chain/light/hex.ts';
import { readHeader } from '../../chain/light/make/read-header.ts';
import type { QbftFinality } from '../../chain/light/qbft/verify-qbft.ts';
import { decodeRlp, rlpBytes, rlpList } from '../../chain/light/rlp.ts';
import { startNodeProxy, type Interception, type ProxiedCall } from './node-proxy.ts';
import { askNode, type DevNode } from './nodes.ts';
import type { DeployedSet } from './validator-set.ts';
import { createQbftSealer, type QbftSealer } from './qbft-sealer.ts';
import { hashOf, type TestValidator } from './test-validators.ts';

/** A QBFT network: a real node's blocks, state and proofs, under headers that its members seal. */
export interface QbftNetwork {
  /** JSON-RPC as a Besu node would serve it. */
  readonly url: string;
  readonly sealer: QbftSealer;
  /** What an anchor says that begins at the network's first block. */
  readonly finality: QbftFinality;
  /** Mines as many blocks and seals them; tells the height of the last one sealed. */
  advance(blocks: number): Promise<bigint>;
  /** From now on another block of the same height, sealed by a quorum too, is served in its place. */
  serveTwin(height: bigint): void;
  close(): Promise<void>;
}

interface SealedBlock {
  readonly raw: Uint8Array;
  readonly hash: `0x${string}`;
  /** The node's own. */
  readonly realHash: `0x${string}`;
  readonly members: readonly TestValidator[];
}

/** Besu's `--bonsai-historical-block-limit`, as it is where nothing is said. */
const PROOF_BLOCKS = 512;
/** Besu's answer to `eth_getProof` for a state that it no longer has. */
const NO_STATE = { code: -32_000, message: 'World state unavailable' };

/**
 * Starts a network of `validators` whose first block is the node's newest; after that block they are whom `contract`
 * names, where one is given, in the state before each. Every block is sealed once, when it is first
 * asked for or by `advance`; block hashes in whatever the node answers are those of the sealed headers.
 */
export async function startQbftNetwork(
  node: Pick<DevNode, 'url'>,
  {
    validators,
    epochLength = 30_000,
    contract,
    proofBlocks = PROOF_BLOCKS,
  }: {
    readonly validators: readonly TestValidator[];
    readonly epochLength?: number;
    readonly contract?: DeployedSet;
    /** Of how many blocks, the newest ones, the node still has the state. */
    readonly proofBlocks?: number;
  },
): Promise<QbftNetwork> {
  const sealer = createQbftSealer(validators, { epochLength: BigInt(epochLength), listless: contract !== undefined });
  const rpc = openRpc({ url: node.url });
  const first = BigInt(String(await askNode(node, { method: 'eth_blockNumber' })));
  const chain = new Map<bigint, SealedBlock>();
  const newest = () => first + BigInt(chain.size) - 1n;

  const sealNext = async (): Promise<boolean> => {
    const height = first + BigInt(chain.size);
    const header = await readHeader({ height }, { rpc, crypto: nobleCrypto });
    if (!header) return false;
    const parentHash = chain.has(height - 1n)
      ? fromHex(chain.get(height - 1n)?.hash ?? '0x')
      : rlpBytes(header.items[0], 32);
    if (contract && height > first) sealer.replace(await contract.namedIn(height - 1n));
    const { members } = sealer;
    const raw = sealer.seal({ raw: header.raw, height, parentHash });
    if (!raw) return false;
    chain.set(height, { raw, hash: hashOf(raw), realHash: hashOf(header.raw), members });
    return true;
  };
  // One after the other: two requests at once must not seal one block twice.
  let sealing = Promise.resolve();
  const sealAll = (): Promise<void> =>
    (sealing = sealing.then(async () => {
      while (await sealNext());
    }));

  await sealAll();
  const proxy = await startNodeProxy(node);
  proxy.intercept = async (call) => {
    await sealAll();
    return answer(call, { node, chain, newest: newest(), proofBlocks });
  };
  return {
    url: proxy.url,
    sealer,
    finality: {
      kind: 'qbft',
      validators: validators.map(({ account }) => account),
      height: Number(first),
      hash: chain.get(first)?.hash ?? '0x',
      epochLength,
      ...(contract && { contract: contract.anchored }),
    },
    advance: async (blocks) => {
      // Of the blocks in a long run that it mines at once, hardhat has no states to call a contract in.
      const runs = contract ? Array<number>(blocks).fill(1) : [blocks];
      for (const run of runs) await askNode(node, { method: 'hardhat_mine', params: [`0x${run.toString(16)}`] });
      await sealAll();
      return newest();
    },
    serveTwin: (height) => {
      const block = chain.get(height);
      if (!block) throw new TypeError(`Block ${height} is not sealed`);
      const raw = sealer.sealTwin(block.raw, block.members);
      chain.set(height, { ...block, raw, hash: hashOf(raw) });
    },
    close: () => proxy.close(),
  };
}

interface Served {
  readonly node: Pick<DevNode, 'url'>;
  readonly chain: ReadonlyMap<bigint, SealedBlock>;
  readonly newest: bigint;
  readonly proofBlocks: number;
}

async function answer({ method, params }: ProxiedCall, served: Served): Promise<Interception> {
  const { chain, newest, proofBlocks } = served;
  if (method === 'eth_blockNumber') return { result: `0x${newest.toString(16)}` };
  if (method === 'eth_getBlockByNumber') {
    const height = params[0] === 'latest' ? newest : BigInt(String(params[0]));
    if (height > newest) return { result: null };
    const reply = await askTranslated({ method, params: [`0x${height.toString(16)}`, params[1]] }, served);
    const block = chain.get(height);
    return block && 'result' in reply ? { result: { ...(reply.result as object), ...sealedFields(block) } } : reply;
  }
  if (method === 'eth_getProof' && newest - BigInt(String(params[2])) >= proofBlocks) return { error: NO_STATE };
  return askTranslated({ method, params }, served);
}

/** The header's fields that sealing changes, as JSON-RPC writes them. */
function sealedFields({ raw, hash }: SealedBlock): object {
  const field = (index: number) => toHex(rlpBytes(rlpList(decodeRlp(raw))[index]));
  return {
    hash,
    parentHash: field(0),
    miner: field(2),
    difficulty: '0x1',
    gasLimit: `0x${BigInt(field(9)).toString(16)}`,
    extraData: field(12),
    mixHash: field(13),
  };
}

interface Answered {
  readonly result: unknown;
}

interface Refused {
  readonly error: { readonly code: number; readonly message: string };
}

/** Asks the node, to which the sealed blocks' hashes mean nothing; ours stand in its answer. */
async function askTranslated(
  call: { readonly method: string; readonly params: readonly unknown[] },
  { node, chain }: Served,
): Promise<Answered | Refused> {
  const blocks = [...chain.values()];
  const toReal = new Map(blocks.map(({ hash, realHash }) => [hash, realHash]));
  const toSealed = new Map(blocks.map(({ hash, realHash }) => [realHash, hash]));
  const response = await fetch(node.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: translate(JSON.stringify({ jsonrpc: '2.0', id: 1, ...call }), toReal),
  });
  const { result, error } = JSON.parse(translate(await response.text(), toSealed)) as Partial<Refused & Answered>;
  return error ? { error } : { result };
}

function translate(text: string, names: ReadonlyMap<string, string>): string {
  return text.replaceAll(/"(0x[0-9a-f]{64})"/g, (_, hash: string) => `"${names.get(hash) ?? hash}"`);
}
