import type { Account } from '../../core/account.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import { linkSignals } from '../link-signals.ts';
import { awaitReceipt } from './await-receipt.ts';
import { broadcast } from './broadcast.ts';
import type { Rpc } from './json-rpc.ts';
import type { LocalAccount } from './local-account.ts';
import { readFees } from './read-fees.ts';
import type { RpcReceipt } from './rpc-schemas.ts';
import type { UnsignedTransaction } from './sign-transaction.ts';
import { explainReceipt, simulate, type Call } from './simulate.ts';

/** What is to be sent: a call of `to`, or a deployment where it is undefined. */
export interface Order extends Call {
  /** Gas on top of the estimate and a quarter of it, for what others change until it is mined. */
  readonly spareGas: bigint;
}

/** Sends one account's transactions, in the order of the calls. */
export interface Sender {
  readonly account: Account;
  /**
   * Simulates, signs, sends, and waits for the receipt.
   * @throws the contracts' codes, LEDGER_REJECTED, LEDGER_UNAVAILABLE (it may or may not have been taken up)
   */
  send(order: Order): Promise<RpcReceipt>;
}

/** What a sender stands on; `chainId` is asked before every transaction and refuses a wrong chain, `timeoutMs` bounds a whole `send`. */
export interface SenderDeps {
  readonly rpc: Rpc;
  readonly signer: LocalAccount;
  readonly chainId: (signal: AbortSignal) => Promise<bigint>;
  readonly timeoutMs: number;
  readonly closed: AbortSignal;
}

/** Opens a sender; nothing is asked yet. */
export function openSender({ rpc, signer, chainId, timeoutMs, closed }: SenderDeps): Sender {
  const from = signer.account;
  const mining = new Set<Promise<unknown>>();
  let nextNonce = 0;
  let turn: Promise<unknown> = Promise.resolve();

  const inTurn = async <T>(task: () => Promise<T>): Promise<T> => {
    const mine = turn.then(task);
    turn = mine.catch(() => undefined);
    return await mine;
  };

  /** A refusal may only mean that what this depends on was sent, but is not mined yet. */
  const estimate = async (order: Order, signal: AbortSignal): Promise<bigint> => {
    try {
      return await simulate(rpc, { ...order, from, signal });
    } catch (error) {
      if (mining.size === 0 || hasCode(error, 'LEDGER_UNAVAILABLE')) throw error;
      await Promise.allSettled(mining);
      return await simulate(rpc, { ...order, from, signal });
    }
  };

  const prepare = async (order: Order, signal: AbortSignal): Promise<Omit<UnsignedTransaction, 'nonce'>> => {
    const id = await chainId(signal);
    const gas = await estimate(order, signal);
    const { fees, blockGasLimit } = await readFees(rpc, signal);
    const wanted = gas + gas / 4n + order.spareGas;
    const gasLimit = wanted < blockGasLimit ? wanted : blockGasLimit;
    return { to: order.to, data: order.data, chainId: id, gasLimit, fees };
  };

  /** Answers as soon as it is sent; the promise inside resolves when it is mined. */
  const sendOne = async (order: Order, signal: AbortSignal) => {
    const unsigned = await prepare(order, signal);
    // Where gas is free, Besu lets an equal price replace a transaction: a count that is late must not cost us one.
    const leastNonce = mining.size > 0 ? nextNonce : 0;
    const sent = await broadcast(rpc, { signer, unsigned, leastNonce, signal });
    nextNonce = sent.nonce + 1;
    const mined = awaitReceipt(rpc, { sent, account: from, signal });
    const settled = mined.catch(() => undefined).finally(() => mining.delete(settled));
    mining.add(settled);
    return { mined };
  };

  const send = async (order: Order): Promise<RpcReceipt> => {
    const { signal, release } = linkSignals({ sources: [closed], timeoutMs, timeoutReason: timedOut(timeoutMs) });
    try {
      for (;;) {
        const { mined } = await inTurn(() => sendOne(order, signal));
        const receipt = await mined;
        if (receipt === 'replaced') continue;
        if (receipt.status === 1n) return receipt;
        throw await explainReceipt(rpc, { ...order, from, receipt, signal });
      }
    } finally {
      release();
    }
  };

  return { account: from, send };
}

function timedOut(timeoutMs: number): DewproofError {
  return new DewproofError('LEDGER_UNAVAILABLE', `The ledger took nothing up within ${timeoutMs} ms; try again later.`);
}
