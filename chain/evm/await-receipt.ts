import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Account } from '../../core/account.ts';
import { hasCode } from '../../core/errors.ts';
import { readNonce, sendRaw } from './broadcast.ts';
import type { Rpc } from './json-rpc.ts';
import { receiptSchema, type RpcReceipt } from './rpc-schemas.ts';
import type { SignedTransaction } from './sign-transaction.ts';
import { uncertain } from './uncertain.ts';

interface Wait {
  readonly sent: SignedTransaction;
  readonly account: Account;
  readonly signal: AbortSignal;
}

const FIRST_POLL_MS = 20;
const MAX_POLL_MS = 500;
/** A node that is making a block may show a transaction neither as waiting nor as mined; it is not lost then. */
const LOOKS_BEFORE_REPLACED = 4;

/**
 * Polls until the transaction is mined; hands it in again where the node has forgotten it (the very same bytes, which
 * no chain takes twice). `replaced`: another transaction of the account took its nonce, so it can never be mined.
 * @throws LEDGER_UNAVAILABLE (`signal` aborted: it may or may not have been taken up)
 */
export async function awaitReceipt(rpc: Rpc, wait: Wait): Promise<RpcReceipt | 'replaced'> {
  const { sent, signal } = wait;
  let gone = 0;
  for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(MAX_POLL_MS, pollMs * 2)) {
    try {
      const found = await look(rpc, wait);
      gone = found === 'gone' ? gone + 1 : 0;
      if (gone === LOOKS_BEFORE_REPLACED) return 'replaced';
      if (found !== 'gone' && found !== 'waiting') return found;
    } catch (error) {
      if (signal.aborted) throw uncertain({ transaction: sent.hash, cause: signal.reason as unknown });
      if (!hasCode(error, 'LEDGER_UNAVAILABLE')) throw error;
    }
    await sleep(pollMs, undefined, { signal }).catch(() => undefined);
  }
}

async function look(rpc: Rpc, { sent, account, signal }: Wait): Promise<RpcReceipt | 'waiting' | 'gone'> {
  const params = [sent.hash];
  const receipt = await rpc.call({ method: 'eth_getTransactionReceipt', params, answer: receiptSchema, signal });
  if (receipt) return receipt;
  const known = await rpc.call({ method: 'eth_getTransactionByHash', params, answer: z.unknown(), signal });
  if (known !== null) return 'waiting';
  const used = await readNonce(rpc, { account, tag: 'latest', signal });
  if (used > sent.nonce) return 'gone';
  await sendRaw(rpc, { signed: sent, signal });
  return 'waiting';
}
