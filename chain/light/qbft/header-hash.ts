import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import { sameBytes } from '../hex.ts';
import { encodeRlp, encodeRlpList } from '../rlp.ts';
import { extraToHash, extraToSeal, parseQbftExtra, type QbftExtra } from './extra-data.ts';
import type { Header } from './header.ts';

type Hashing = Pick<ProofCrypto, 'keccak256'>;

/** "ctical byzantine fault tolerance": which headers are QBFT's or IBFT's. */
const BFT_MIX_HASH = new Uint8Array(
  Buffer.from('63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365', 'hex'),
);

/** Tells a BFT header from one whose hash is simply that of its bytes. */
export function isBftHeader({ mixHash }: Header): boolean {
  return sameBytes(mixHash, BFT_MIX_HASH);
}

/** The hash (32 bytes) that QBFT's validators seal. */
export function sealedHash(
  { header, extra }: { header: Header; extra: QbftExtra },
  { keccak256 }: Hashing,
): Uint8Array {
  return keccak256(withExtraData(header, extraToSeal(extra)));
}

/**
 * A block's hash (32 bytes), as its node gives it: QBFT leaves out seals and round, all others and the genesis block
 * hash the header as it is. `extra` is what `hashedExtra` gave, so that it need not be parsed again.
 * @throws PROOF_INVALID
 */
export function blockHash(header: Header, { keccak256 }: Hashing, extra = hashedExtra(header)): Uint8Array {
  return keccak256(extra ? withExtraData(header, extraToHash(extra)) : header.raw);
}

/** The extraData of a header whose hash is made of a part of it; undefined of any other header. @throws PROOF_INVALID */
export function hashedExtra(header: Header): QbftExtra | undefined {
  return header.height === 0n || !isBftHeader(header) ? undefined : parseQbftExtra(header.extraData);
}

/** The header with another extraData: the rest as it is written, which is its one form. */
function withExtraData({ beforeExtra, afterExtra }: Header, extraData: Uint8Array): Uint8Array {
  return encodeRlpList([beforeExtra, encodeRlp(extraData), afterExtra]);
}
