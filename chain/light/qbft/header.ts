import type { Account } from '../../../core/account.ts';
import { toHex } from '../hex.ts';
import { refuseProof } from '../refuse.ts';
import { decodeRlp, rlpBytes, rlpInteger, rlpIntegerBytes, rlpList, type Rlp } from '../rlp.ts';

/** A block's header in what is used of it; `items` is all of it. */
export interface Header {
  readonly items: readonly Rlp[];
  readonly raw: Uint8Array;
  /** Who proposed it. */
  readonly coinbase: Account;
  readonly stateRoot: Uint8Array;
  readonly height: bigint;
  /** Unix seconds. */
  readonly time: bigint;
  readonly extraData: Uint8Array;
  readonly mixHash: Uint8Array;
  /** The fields before and after the extraData, as they are written: for hashes of another extraData. */
  readonly beforeExtra: Uint8Array;
  readonly afterExtra: Uint8Array;
}

/** Besu's largest genesis with 128 validators has half of it. */
export const MAX_HEADER_BYTES = 32 * 1024;

type Check = (item: Rlp | undefined) => unknown;
const hash: Check = (item) => rlpBytes(item, 32);
const uint64: Check = (item) => rlpIntegerBytes(item, 8);
const uint256: Check = (item) => rlpIntegerBytes(item, 32);

/** Ethereum Yellow Paper, section 4.4; from the 16th on each fork (London, Shanghai, Cancun, Prague) added some. */
const fields: readonly Check[] = [
  hash, // parentHash
  hash, // ommersHash
  (item) => rlpBytes(item, 20), // beneficiary
  hash, // stateRoot
  hash, // transactionsRoot
  hash, // receiptsRoot
  (item) => rlpBytes(item, 256), // logsBloom
  uint256, // difficulty
  uint64, // number
  uint64, // gasLimit
  uint64, // gasUsed
  uint64, // timestamp
  rlpBytes, // extraData
  hash, // mixHash
  (item) => rlpBytes(item, 8), // nonce
  uint256, // baseFeePerGas
  hash, // withdrawalsRoot
  uint64, // blobGasUsed
  uint64, // excessBlobGas
  hash, // parentBeaconBlockRoot
  hash, // requestsHash
];

const REQUIRED_FIELDS = 15;

/** Parses a header's RLP, whole and canonical. @throws PROOF_INVALID */
export function parseHeader(raw: Uint8Array): Header {
  if (raw.length > MAX_HEADER_BYTES) throw refuseProof('header-size', 'a header is too large');
  const items = rlpList(decodeRlp(raw));
  if (items.length < REQUIRED_FIELDS || items.length > fields.length) {
    throw refuseProof('header-fields', `a header has ${items.length} fields`);
  }
  for (let index = 0; index < items.length; index++) fields[index]?.(items[index]);
  const extraData = rlpBytes(items[12]);
  return {
    items,
    raw,
    coinbase: toHex(rlpBytes(items[2])),
    stateRoot: rlpBytes(items[3]),
    height: rlpInteger(items[8], 8),
    time: rlpInteger(items[11], 8),
    extraData,
    mixHash: rlpBytes(items[13]),
    // The parent's hash has one byte of length before it; the extraData's begins where the time ends.
    beforeExtra: raw.subarray(offsetIn(raw, items[0]).start - 1, offsetIn(raw, items[11]).end),
    afterExtra: raw.subarray(offsetIn(raw, extraData).end),
  };
}

/** Where a decoded field's bytes lie in what they were decoded from. */
function offsetIn(raw: Uint8Array, item: Rlp | undefined): { readonly start: number; readonly end: number } {
  const { byteOffset, length } = rlpBytes(item);
  return { start: byteOffset - raw.byteOffset, end: byteOffset - raw.byteOffset + length };
}
