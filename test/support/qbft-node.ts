import { nobleCrypto } from '../../chain/light/crypto/noble-crypto.ts';
import { fromHex, toHex } from '../../chain/light/hex.ts';
import { parseHeader } from '../../chain/light/qbft/header.ts';
import { blockHash } from '../../chain/light/qbft/header-hash.ts';
import { isBytes } from '../../chain/light/rlp.ts';
import { serveRpc, type RpcCall } from './serve-rpc.ts';

/** Fields of a block over JSON-RPC, in the order of its header. */
const FIELDS = [
  'parentHash',
  'sha3Uncles',
  'miner',
  'stateRoot',
  'transactionsRoot',
  'receiptsRoot',
  'logsBloom',
  'difficulty',
  'number',
  'gasLimit',
  'gasUsed',
  'timestamp',
  'extraData',
  'mixHash',
  'nonce',
  'baseFeePerGas',
];
const QUANTITIES = new Set(['difficulty', 'number', 'gasLimit', 'gasUsed', 'timestamp', 'baseFeePerGas']);

/** The code that stands at every address of the served chain. */
const CODE = '0x600160005260206000f3';

/** A server that answers as a node whose chain has just these headers: for unit tests alone. */
export interface HeaderNode {
  readonly url: string;
  readonly genesis: `0x${string}`;
  readonly codeHash: `0x${string}`;
  close(): Promise<void>;
}

/** Serves headers (RLP) as blocks of chain 1337; the first of them also stands for the genesis block. */
export async function serveHeaders(headers: readonly Uint8Array[]): Promise<HeaderNode> {
  const blocks = new Map(headers.map((raw) => [Number(parseHeader(raw).height), blockOf(raw)]));
  const [genesisHeader] = headers;
  if (!genesisHeader) throw new TypeError('no headers');
  const genesis = { ...blockOf(genesisHeader), number: '0x0' };
  const answer = ({ method, params: [at] }: RpcCall): unknown => {
    if (method === 'eth_chainId') return '0x539';
    if (method === 'eth_getCode') return CODE;
    if (at === 'latest') return blocks.get(Math.max(...blocks.keys()));
    return at === '0x0' ? genesis : (blocks.get(Number(at)) ?? null);
  };
  const served = await serveRpc(answer);
  return {
    ...served,
    genesis: toHex(blockHash(parseHeader(genesisHeader), nobleCrypto)),
    codeHash: toHex(nobleCrypto.keccak256(fromHex(CODE))),
  };
}

/** A block as a node writes it over JSON-RPC. */
export function blockOf(raw: Uint8Array): Readonly<Record<string, string>> {
  const header = parseHeader(raw);
  const fields = header.items.map((item, index) => {
    const name = FIELDS[index] ?? '';
    const hex = isBytes(item) ? toHex(item) : '0x';
    return [name, QUANTITIES.has(name) ? `0x${BigInt(hex === '0x' ? 0 : hex).toString(16)}` : hex] as const;
  });
  return { ...Object.fromEntries(fields), hash: toHex(blockHash(header, nobleCrypto)) };
}
