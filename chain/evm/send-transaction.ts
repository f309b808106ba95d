import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Account } from '../../core/account.ts';
import type { Bytes32 } from '../../core/digest.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import { refusalOf, type Rpc } from './json-rpc.ts';
import { linkSignals } from '../link-signals.ts';
import type { LocalAccount } from './local-account.ts';
import { readFees } from './read-fees.ts';
import { bytes32, quantity, receiptSchema, type RpcReceipt } from './rpc-schemas.ts';
import { signTransaction, type SignedTransaction } from './sign-transaction.ts';
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

const MAX_COLLISIONS = 20;
const FIRST_POLL_MS = 20;
const MAX_POLL_MS = 500;
/** geth, Besu, anvil and Hardhat say in their own words that a nonce is taken, used up, or too far ahead. */
const COLLISION = /nonce|already (?:known|imported)|known transaction|replacement/i;
const NONCE_TOO_HIGH = /too (?:high|distant|far)/i;

/** Opens a sender; `chainId` is asked for with every transaction, `timeoutMs` bounds a whole `send`. */
export function openSender({
  rpc,
  signer,
  chainId,
  timeoutMs,
  closed,
}: {
  readonly rpc: Rpc;
  readonly signer: LocalAccount;
  readonly chainId: (signal: AbortSignal) => Promise<bigint>;
  readonly timeoutMs: number;
  readonly closed: AbortSignal;
}): Sender {
  let turn: Promise<unknown> = Promise.resolve();
  const mining = new Set<Promise<unknown>>();

  const inTurn = async <T>(task: () => Promise<T>): Promise<T> => {
    const mine = turn.then(task);
    turn = mine.catch(() => undefined);
    return await mine;
  };

  /** A refusal may only mean that what this depends on was sent, but is not mined yet. */
  const prepare = async (order: Order, signal: AbortSignal): Promise<bigint> => {
    try {
      return await simulate(rpc, { ...order, from: signer.account, signal });
    } catch (error) {
      if (mining.size === 0 || hasCode(error, 'LEDGER_UNAVAILABLE')) throw error;
      await Promise.allSettled(mining);
      return await simulate(rpc, { ...order, from: signer.account, signal });
    }
  };

  const sendOne = async (order: Order, signal: AbortSignal): Promise<SignedTransaction> => {
    const estimate = await prepare(order, signal);
    const { fees, blockGasLimit } = await readFees(rpc, signal);
    const wanted = estimate + estimate / 4n + order.spareGas;
    const gasLimit = wanted < blockGasLimit ? wanted : blockGasLimit;
    const unsigned = { to: order.to, data: order.data, chainId: await chainId(signal), gasLimit, fees };
    return await broadcast(rpc, { signer, unsigned, signal });
  };

  const send = async (order: Order): Promise<RpcReceipt> => {
    const { signal, release } = linkSignals({ sources: [closed], timeoutMs, timeoutReason: timedOut(timeoutMs) });
    try {
      for (;;) {
        const sent = await inTurn(() => sendOne(order, signal));
        const mined = awaitReceipt(rpc, { sent, account: signer.account, signal });
        const settled = mined.catch(() => undefined).finally(() => mining.delete(settled));
        mining.add(settled);
        const receipt = await mined;
        if (receipt === 'replaced') continue;
        if (receipt.status === 1n) return receipt;
        throw await explainReceipt(rpc, { ...order, from: signer.account, receipt, signal });
      }
    } finally {
      release();
    }
  };

  return { account: signer.account, send };
}

/** Asks for the nonce each time: a restarted node may have forgotten, another process may have used what we knew. */
async function broadcast(
  rpc: Rpc,
  {
    signer,
    unsigned,
    signal,
  }: {
    readonly signer: LocalAccount;
    readonly unsigned: Omit<Parameters<typeof signTransaction>[1], 'nonce'>;
    readonly signal: AbortSignal;
  },
): Promise<SignedTransaction> {
  let least = 0;
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

/** The node's refusal, in its words; undefined where it took the transaction up. */
async function sendRaw(
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

/**
 * Polls until the transaction is mined; sends it again where the node has forgotten it (the very same bytes, which no
 * chain takes twice). `replaced`: another transaction of this account took its nonce, so it can never be mined.
 */
async function awaitReceipt(
  rpc: Rpc,
  {
    sent,
    account,
    signal,
  }: { readonly sent: SignedTransaction; readonly account: Account; readonly signal: AbortSignal },
): Promise<RpcReceipt | 'replaced'> {
  for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(MAX_POLL_MS, pollMs * 2)) {
    try {
      const found = await findReceipt(rpc, { sent, account, signal });
      if (found) return found;
      await sleep(pollMs, undefined, { signal });
    } catch (error) {
      if (signal.aborted) throw uncertain({ transaction: sent.hash, cause: signal.reason as unknown });
      if (!hasCode(error, 'LEDGER_UNAVAILABLE')) throw error;
      await sleep(pollMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function findReceipt(
  rpc: Rpc,
  {
    sent,
    account,
    signal,
  }: { readonly sent: SignedTransaction; readonly account: Account; readonly signal: AbortSignal },
): Promise<RpcReceipt | 'replaced' | undefined> {
  const params = [sent.hash];
  const ask = () => rpc.call({ method: 'eth_getTransactionReceipt', params, answer: receiptSchema, signal });
  const receipt = await ask();
  if (receipt) return receipt;
  const known = await rpc.call({ method: 'eth_getTransactionByHash', params, answer: z.unknown(), signal });
  if (known !== null) return undefined;
  const used = await readNonce(rpc, { account, tag: 'latest', signal });
  // Read in this order: what was mined since the first look is seen now.
  if (used > sent.nonce) return (await ask()) ?? 'replaced';
  await sendRaw(rpc, { signed: sent, signal });
  return undefined;
}

async function readNonce(
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
    `The node does not take the transaction up: ${refusal}. Correct that first.`,
  );
}

function uncertain({ transaction, cause }: { readonly transaction: Bytes32; readonly cause: unknown }): DewproofError {
  return new DewproofError(
    'LEDGER_UNAVAILABLE',
    `The node did not tell what became of transaction ${transaction}; look whether it was taken up before repeating it.`,
    { cause, details: { transaction } },
  );
}

function timedOut(timeoutMs: number): DewproofError {
  return new DewproofError('LEDGER_UNAVAILABLE', `The ledger took nothing up within ${timeoutMs} ms; try again later.`);
}
