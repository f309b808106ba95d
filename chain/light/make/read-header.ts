import { z } from 'zod';
import { DewproofError } from '../../../core/errors.ts';
import { toQuantity } from '../../evm/blocks.ts';
import type { Rpc } from '../../evm/json-rpc.ts';
import { address, bytes32, hexBytes, quantity } from '../../evm/rpc-schemas.ts';
import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import { fromHex, toHex } from '../hex.ts';
import { parseHeader, type Header } from '../qbft/header.ts';
import { blockHash } from '../qbft/header-hash.ts';
import { encodeRlp, integerBytes, type Rlp } from '../rlp.ts';

const bytes = hexBytes.transform(fromHex);
const hash = bytes32.transform(fromHex);
const integer = quantity.transform(integerBytes);

const rawHeaderSchema = z
  .object({
    hash: bytes32,
    parentHash: hash,
    sha3Uncles: hash,
    miner: address.transform(fromHex),
    stateRoot: hash,
    transactionsRoot: hash,
    receiptsRoot: hash,
    logsBloom: bytes,
    difficulty: integer,
    number: integer,
    gasLimit: integer,
    gasUsed: integer,
    timestamp: integer,
    extraData: bytes,
    mixHash: hash,
    nonce: bytes,
    baseFeePerGas: integer.nullish(),
    withdrawalsRoot: hash.nullish(),
    blobGasUsed: integer.nullish(),
    excessBlobGas: integer.nullish(),
    parentBeaconBlockRoot: hash.nullish(),
    requestsHash: hash.nullish(),
  })
  .nullable();

/**
 * The header of block `height`, in the node's own chain, as its RLP; undefined where there is none. Its hash is made
 * again from its fields: a header with a field that we don't know is refused here and not by some device later.
 * @throws LEDGER_UNAVAILABLE, PROOF_INVALID
 */
export async function readHeader(
  { height, signal }: { readonly height: bigint; readonly signal?: AbortSignal | undefined },
  { rpc, crypto }: { readonly rpc: Rpc; readonly crypto: ProofCrypto },
): Promise<Header | undefined> {
  const params = [toQuantity(height), false];
  const found = await rpc.call({ method: 'eth_getBlockByNumber', params, answer: rawHeaderSchema, signal });
  if (!found) return undefined;
  const { hash: said, ...fields } = found;
  const items = Object.values(fields).filter((field): field is Uint8Array & Rlp => field != null);
  const header = parseHeader(encodeRlp(items));
  if (header.height !== height || toHex(blockHash(header, crypto)) !== said) {
    throw new DewproofError(
      'LEDGER_UNAVAILABLE',
      `The node at ${rpc.url} serves block ${height} with a header that does not give its hash; its kind of chain is not supported.`,
    );
  }
  return header;
}
