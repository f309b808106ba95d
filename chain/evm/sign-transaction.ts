import { Transaction } from 'ethers/transaction';
import { SigningKey } from 'ethers/crypto';
import { hexlify } from 'ethers/utils';
import type { Account } from '../../core/account.ts';
import type { Bytes32 } from '../../core/digest.ts';
import type { LocalAccount } from './local-account.ts';
import type { Fees } from './read-fees.ts';

/** A transaction before it is signed; `to` undefined deploys. */
export interface UnsignedTransaction {
  readonly chainId: bigint;
  readonly nonce: number;
  readonly to: Account | undefined;
  readonly data: string;
  readonly gasLimit: bigint;
  readonly fees: Fees;
}

/** A transaction as nodes take it up, with the hash that they will know it by. */
export interface SignedTransaction {
  readonly raw: string;
  readonly hash: Bytes32;
  readonly nonce: number;
}

/** Signs a transaction for one chain alone (EIP-155; EIP-1559 where the chain has a base fee). */
export function signTransaction(signer: LocalAccount, unsigned: UnsignedTransaction): SignedTransaction {
  const { fees, to, ...common } = unsigned;
  const transaction = Transaction.from({ ...common, ...fees, to: to ?? null });
  transaction.signature = new SigningKey(hexlify(signer.privateKey)).sign(transaction.unsignedHash);
  return { raw: transaction.serialized, hash: transaction.hash as Bytes32, nonce: unsigned.nonce };
}
