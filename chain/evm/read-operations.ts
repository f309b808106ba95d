import { AbiCoder } from 'ethers/abi';
import { keccak256 } from 'ethers/crypto';
import { z } from 'zod';
import { parseAccount, type Account } from '../../core/account.ts';
import type { Bytes32 } from '../../core/digest.ts';
import { accessManagerInterface } from './access-manager-interface.ts';
import { readFinalHead, toQuantity } from './blocks.ts';
import { describeCall, type GovernanceCall, type GovernedContracts } from './governance-change.ts';
import type { IdentifiedNode } from './identity.ts';
import { impossibleLog, parseLog } from './parse-log.ts';
import { readLogs, startLogWindow } from './read-logs.ts';
import { hexBytes, type RpcLog } from './rpc-schemas.ts';

/** An operation that was scheduled, and neither executed nor cancelled; times are Unix seconds. */
export interface ScheduledOperation extends GovernanceCall {
  readonly id: Bytes32;
  /** Who scheduled it, and alone can execute it. */
  readonly caller: Account;
  /** What it does. */
  readonly words: string;
  /** From when on it may be executed. */
  readonly readyAt: bigint;
  /** From when on it may not any more. */
  readonly expiresAt: bigint;
  /** As of the newest final block. */
  readonly state: 'waiting' | 'ready' | 'expired';
  readonly scheduledIn: Bytes32;
}

const TOPICS = ['OperationScheduled', 'OperationExecuted', 'OperationCanceled'].map(
  (name) => accessManagerInterface.getEvent(name)?.topicHash as Bytes32,
);

/** The access manager's id of an operation (`AccessManager.hashOperation`). */
export function operationId({ caller, target, data }: GovernanceCall & { readonly caller: Account }): Bytes32 {
  const encoded = AbiCoder.defaultAbiCoder().encode(['address', 'address', 'bytes'], [caller, target, data]);
  return keccak256(encoded) as Bytes32;
}

/**
 * The operations that wait, the oldest first, from all logs of the access manager up to the newest final block.
 * @throws LEDGER_UNAVAILABLE (also where a log and its id disagree)
 */
export async function readOperations(
  { rpc }: IdentifiedNode,
  {
    contracts,
    beginsAt,
    confirmations,
    signal,
  }: {
    readonly contracts: GovernedContracts;
    readonly beginsAt: bigint;
    readonly confirmations: number;
    readonly signal: AbortSignal;
  },
): Promise<readonly ScheduledOperation[]> {
  const head = await readFinalHead(rpc, { confirmations, signal });
  const expiration = await readExpiration({ rpc }, { manager: contracts.manager, height: head.height, signal });
  const pending = new Map<Bytes32, Omit<ScheduledOperation, 'expiresAt' | 'state'>>();
  const filter = () => ({ addresses: [contracts.manager], topics: TOPICS });
  const range = { from: beginsAt, to: head.height };
  for await (const { logs } of readLogs(rpc, { filter, range, window: startLogWindow(), signal })) {
    for (const log of logs) takeLog(pending, { log, contracts });
  }
  return [...pending.values()].map((operation) => {
    const expiresAt = operation.readyAt + expiration;
    const state = head.time < operation.readyAt ? 'waiting' : head.time < expiresAt ? 'ready' : 'expired';
    return { ...operation, expiresAt, state };
  });
}

function takeLog(
  pending: Map<Bytes32, Omit<ScheduledOperation, 'expiresAt' | 'state'>>,
  { log, contracts }: { readonly log: RpcLog; readonly contracts: GovernedContracts },
): void {
  const { name, args } = parseLog(accessManagerInterface, log);
  const id = args['operationId'] as Bytes32;
  // Scheduled again after it expired, it counts anew and stands at its new place.
  pending.delete(id);
  if (name !== 'OperationScheduled') return;
  const call = {
    caller: parseAccount(args['caller']),
    target: parseAccount(args['target']),
    data: (args['data'] as string).toLowerCase(),
  };
  // Whoever cancels or executes names caller, target and data: an id that stands for others would mislead.
  if (operationId(call) !== id) throw impossibleLog(log);
  const readyAt = args['schedule'] as bigint;
  pending.set(id, { id, ...call, words: describeCall(call, contracts), readyAt, scheduledIn: log.transactionHash });
}

const uint32 = z
  .string()
  .length(66)
  .pipe(hexBytes)
  .transform((text) => BigInt(text));

async function readExpiration(
  { rpc }: Pick<IdentifiedNode, 'rpc'>,
  { manager, height, signal }: { readonly manager: Account; readonly height: bigint; readonly signal: AbortSignal },
): Promise<bigint> {
  const call = { to: manager, data: accessManagerInterface.encodeFunctionData('expiration') };
  return rpc.call({ method: 'eth_call', params: [call, toQuantity(height)], answer: uint32, signal });
}
