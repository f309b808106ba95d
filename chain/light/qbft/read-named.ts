import type { Account } from '../../../core/account.ts';
import type { ValidatorContract } from '../../../core/state/finality.ts';
import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import { openSlots } from '../facts/read-slots.ts';
import { fromHex, toHex } from '../hex.ts';
import { readAccount } from '../read-account.ts';
import { refuseProof } from '../refuse.ts';
import type { NodePile } from '../trie/node-pile.ts';
import { elementSlots } from './element-slots.ts';
import { MAX_VALIDATORS } from './extra-data.ts';

const ACCOUNT_BYTES = 20;

/**
 * The validators whom a contract names under a state root: its whole `address[]`, ascending, as Besu sorts it too
 * (TransactionValidatorProvider). They seal the block after the one that has this state. @throws PROOF_INVALID, WRONG_CHAIN
 */
export function readNamed(
  pile: NodePile,
  {
    stateRoot,
    contract,
    crypto,
  }: {
    readonly stateRoot: Uint8Array;
    readonly contract: ValidatorContract;
    readonly crypto: Pick<ProofCrypto, 'keccak256'>;
  },
): readonly Account[] {
  const root = readAccount(pile, { stateRoot, contract, crypto });
  const reader = openSlots(pile, { root, crypto });
  const slot = fromHex(contract.slot);
  const count = countIn(reader.read(slot));
  const named = elementSlots({ slot, count }, crypto).map((element) => accountIn(reader.read(element)));
  if (new Set(named).size !== named.length) throw refuseProof('set-twice', 'the contract names a validator twice');
  return named.sort();
}

/** The array's length; no more elements are looked for than there may be validators. */
function countIn(value: Uint8Array | undefined): number {
  // Anyone would be a quorum of none.
  if (!value) throw refuseProof('set-empty', 'the contract names no validators');
  const [count = 0] = value;
  if (value.length > 1 || count > MAX_VALIDATORS) {
    throw refuseProof('set-size', `the contract names more than ${MAX_VALIDATORS} validators`);
  }
  return count;
}

function accountIn(value: Uint8Array | undefined): Account {
  if (!value) throw refuseProof('set-zero', 'the contract names nobody in a place of its list');
  if (value.length > ACCOUNT_BYTES) throw refuseProof('set-element', 'what the contract names is no account');
  const account = new Uint8Array(ACCOUNT_BYTES);
  account.set(value, ACCOUNT_BYTES - value.length);
  return toHex(account);
}
