import type { Account } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';
import { refusalOf, type Rpc } from './json-rpc.ts';
import type { LocalAccount } from './local-account.ts';
import { bytes32, quantity } from './rpc-schemas.ts';
import { signTransaction, type SignedTransaction, type UnsignedTransaction } from './sign-transaction.ts';
import { uncertain } from './uncertain.ts';

const MAX_COLLISIONS = 20;
/** geth, Besu, anvil and Hardhat say in their own words that a nonce is taken, used up, or too far ahead. */
const COLLISION = /nonce|already (?:known|imported)|known transaction|replacement/i;
const NONCE_TOO_HIGH = /too (?:high|distant|far)/i;

/**
 * Signs and sends a transaction under the next free nonce, `leastNonce` or above. The node is asked for it each time,
 * since another process may use the account too; where one was faster, the next nonce is tried.
 * @throws LEDGER_REJECTED, LEDGER_UNAVAILABLE (it may or may not have been taken up)
 */
export async function broadcast(
  rpc: Rpc,
  {
    signer,
    unsigned,
    leastNonce,
    signal,
  }: {
    readonly signer: LocalAccount;
    readonly unsigned: Omit<UnsignedTransaction, 'nonce'>;
    readonly leastNonce: number;
    readonly signal: AbortSignal;
  },
): Promise<SignedTransaction> {
  let least = leastNonce;
  for (let collisions = 0; ; collisions++) {
    const counted = await readNonce(rpc, { account: signer.account, tag: 'pending', signal });
    const nonce = Math.max(counted, least);
    const signed = signTransaction(signer, { ...unsigned, nonce });
    const refusal = await sendRaw(rpc, { signed, signal });
    if (refusal === undefined) return signed;
    if (!COLLISION.test(refusal) || collisions === MAX_COLLISIONS) throw rejected(refusal);
    least = NONCE_TOO_HIGH.test(refusal) ? 0 : nonce + 1;
  }
}

/**
 * Hands a signed transaction to the node; answers its refusal in its own words, undefined where it took it up.
 * @throws LEDGER_UNAVAILABLE (it may or may not have been taken up)
 */
export async function sendRaw(
  rpc: Rpc,
  { signed, signal }: { readonly signed: SignedTransaction; readonly signal: AbortSignal },
): Promise<string | undefined> {
  try {
    await rpc.call({ method: 'eth_sendRawTransaction', params: [signed.raw], answer: bytes32, signal });
    return undefined;
  } catch (error) {
    const refusal = refusalOf(error);
    // Hardhat reports a transaction that it mined and that failed as an error; its receipt will tell why.
    if (refusal?.data !== undefined) return undefined;
    if (refusal) return refusal.message;
    throw uncertain({ transaction: signed.hash, cause: error });
  }
}

/** The account's next nonce, with what waits to be mined (`pending`) or without (`latest`). @throws LEDGER_UNAVAILABLE */
export async function readNonce(
  rpc: Rpc,
  {
    account,
    tag,
    signal,
  }: { readonly account: Account; readonly tag: 'pending' | 'latest'; readonly signal: AbortSignal },
): Promise<number> {
  const params = [account, tag];
  return Number(await rpc.call({ method: 'eth_getTransactionCount', params, answer: quantity, signal }));
}

function rejected(refusal: string): DewproofError {
  return new DewproofError(
    'LEDGER_REJECTED',
    `The node does not take the transaction up: ${refusal.replace(/\.+$/, '')}. Correct that first.`,
  );
}
