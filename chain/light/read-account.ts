import { ACCOUNT_PATTERN } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';
import type { Bytes32 } from '../../core/digest.ts';
import type { ProofCrypto } from './crypto/proof-crypto.ts';
import { fromHex, toHex } from './hex.ts';
import { refuseProof } from './refuse.ts';
import { decodeRlp, rlpBytes, rlpInteger, rlpList } from './rlp.ts';
import type { NodePile } from './trie/node-pile.ts';
import { readTrie } from './trie/read-trie.ts';

/** A contract as an anchor names it. */
export interface AnchoredContract {
  readonly address: string;
  readonly codeHash: Bytes32;
}

/**
 * The storage root (32 bytes) of a contract under a state root; its code must be the anchor's, since the code says what
 * the slots mean. @throws PROOF_INVALID, WRONG_CHAIN (no such contract there, or another one's code)
 */
export function readAccount(
  pile: NodePile,
  {
    stateRoot,
    contract,
    crypto,
  }: {
    readonly stateRoot: Uint8Array;
    readonly contract: AnchoredContract;
    readonly crypto: Pick<ProofCrypto, 'keccak256'>;
  },
): Uint8Array {
  const { address } = contract;
  const leaf = readTrie(pile, { root: stateRoot, key: crypto.keccak256(addressBytes(address)) });
  if (!leaf) throw wrongContract(`no contract stands at ${address}`);
  const account = rlpList(decodeRlp(leaf));
  if (account.length !== 4) throw refuseProof('account-shape', 'an account has not 4 fields');
  const [nonce, balance, storageRoot, codeHash] = account;
  rlpInteger(nonce, 8);
  rlpInteger(balance, 32);
  const code = toHex(rlpBytes(codeHash, 32));
  if (code !== contract.codeHash) throw wrongContract(`the code at ${address} is ${code}`);
  return rlpBytes(storageRoot, 32);
}

function addressBytes(address: string): Uint8Array {
  if (ACCOUNT_PATTERN.test(address)) return fromHex(address as `0x${string}`);
  throw new DewproofError('CONFIG', 'The anchor names no contract of an EVM chain; get it anew.');
}

function wrongContract(what: string): DewproofError {
  return new DewproofError('WRONG_CHAIN', `The proof is of another ledger: ${what}. Check the anchor.`);
}
