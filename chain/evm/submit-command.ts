import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from '../../core/account.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import type { LedgerCommand } from '../../core/ledger/commands.ts';
import type { Submitted } from '../../core/ledger/ledger.ts';
import { readBlock, readFinalHead, toBlockRef } from './blocks.ts';
import { encodeCommand } from './encode-command.ts';
import type { IdentifiedNode } from './identity.ts';
import { linkSignals } from '../link-signals.ts';
import { registryInterface } from './registry-interface.ts';
import { hexBytes, receiptSchema, type RpcReceipt } from './rpc-schemas.ts';
import type { Order, Sender } from './send-transaction.ts';

/** Who submits where, and how deep a block must be to count; times in milliseconds. */
export interface Submission {
  readonly node: IdentifiedNode;
  readonly sender: Sender;
  readonly confirmations: number;
  readonly pollMs: number;
  readonly timeoutMs: number;
  readonly closed: AbortSignal;
}

/** Another approval in the same block may make ours the one that activates: three slots and their hash, measured 92,000. */
const SPARE_GAS_PER_PROPOSAL = 120_000n;
const SPARE_GAS = 50_000n;

/** The port's `submit`: sends the command and waits until its block is final; each may take `timeoutMs`. */
export async function submitCommand(submission: Submission, command: LedgerCommand): Promise<Submitted> {
  const data = encodeCommand(command);
  const order = { to: submission.node.registry, data, command: command.type, spareGas: spareGasOf(command) };
  return await submitOrder(submission, order);
}

/** Sends a call of one of the tenant's contracts and waits until its block is final; each may take `timeoutMs`. */
export async function submitOrder(submission: Submission, order: Order): Promise<Submitted> {
  const { sender, closed, timeoutMs } = submission;
  const receipt = await sender.send(order).catch(async (error: unknown) => {
    throw (await explainStanding(submission, error)) ?? error;
  });
  const { signal, release } = linkSignals({ sources: [closed], timeoutMs, timeoutReason: unsettled(receipt) });
  return await awaitFinal(submission, { receipt, signal }).finally(release);
}

function spareGasOf(command: LedgerCommand): bigint {
  const batch = command.type === 'propose' || command.type === 'approve';
  return batch ? SPARE_GAS_PER_PROPOSAL * BigInt(command.proposals.length) : SPARE_GAS;
}

/** The contract refuses strangers and suspended devices with one error; our codes tell them apart. */
async function explainStanding({ node, sender, closed }: Submission, error: unknown): Promise<Error | undefined> {
  if (!hasCode(error, 'NOT_ENROLLED') || error.details['error'] !== 'NotActiveDevice') return undefined;
  if ((await readStatus(node, { account: sender.account, signal: closed })) === 0n) {
    return undefined;
  }
  return new DewproofError(
    'SUSPENDED',
    `${sender.account} is suspended or retired; only active devices anchor receipts.`,
  );
}

const deviceSchema = hexBytes.refine((answer) => answer.length === 2 + 4 * 64);

async function readStatus(
  { rpc, registry }: IdentifiedNode,
  { account, signal }: { readonly account: Account; readonly signal: AbortSignal },
): Promise<bigint> {
  const call = { to: registry, data: registryInterface.encodeFunctionData('device', [account]) };
  const answer = await rpc.call({ method: 'eth_call', params: [call, 'latest'], answer: deviceSchema, signal });
  return BigInt(`0x${answer.slice(66, 130)}`); // kind, status, group, profile: a word each
}

async function awaitFinal(
  { node, confirmations, pollMs }: Submission,
  { receipt, signal }: { readonly receipt: RpcReceipt; readonly signal: AbortSignal },
): Promise<Submitted> {
  for (;;) {
    signal.throwIfAborted();
    const { height } = await readFinalHead(node.rpc, { confirmations, signal });
    if (height >= receipt.blockNumber) return await confirmReceipt(node, { receipt, signal });
    await sleep(Math.min(pollMs, 500), undefined, { signal }).catch(() => undefined);
  }
}

async function confirmReceipt(
  { rpc }: IdentifiedNode,
  { receipt, signal }: { readonly receipt: RpcReceipt; readonly signal: AbortSignal },
): Promise<Submitted> {
  const transaction = receipt.transactionHash;
  const params = [transaction];
  const now = await rpc.call({ method: 'eth_getTransactionReceipt', params, answer: receiptSchema, signal });
  const block = now?.status === 1n ? await readBlock(rpc, { height: now.blockNumber, signal }) : undefined;
  if (!now || block?.hash !== now.blockHash) throw unsettled(receipt);
  return { transaction, block: toBlockRef(block) };
}

function unsettled({ transactionHash }: RpcReceipt): DewproofError {
  return new DewproofError(
    'LEDGER_UNAVAILABLE',
    `Transaction ${transactionHash} was mined, but its block is not final; look for it before repeating it.`,
    { details: { transaction: transactionHash } },
  );
}
