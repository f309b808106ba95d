import type { Interface } from 'ethers/abi';
import { DewproofError } from '../../core/errors.ts';
import type { RpcLog } from './rpc-schemas.ts';

/** An event's name and its arguments by name, as ethers decodes them. */
export interface ParsedLog {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/**
 * Decodes a log whole with the ABI of the contract that is said to have written it.
 * @throws LEDGER_UNAVAILABLE (no event of that contract, or arguments that do not decode: the node's answer is no log)
 */
export function parseLog(contract: Interface, log: RpcLog): ParsedLog {
  try {
    const parsed = contract.parseLog(log);
    if (parsed) return { name: parsed.name, args: parsed.args.toObject() };
  } catch {
    // Told below.
  }
  throw impossibleLog(log);
}

/** A log that its contract can't have written. */
export function impossibleLog({ blockNumber, address }: RpcLog): DewproofError {
  return new DewproofError(
    'LEDGER_UNAVAILABLE',
    `The node answers a log in block ${blockNumber} that ${address} can't have written; replace the node.`,
  );
}
