import type { Account } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';
import type { LedgerCommand } from '../../core/ledger/commands.ts';
import { toQuantity } from './blocks.ts';
import { decodeContractError } from './decode-error.ts';
import { refusalOf, type Rpc } from './json-rpc.ts';
import { hexBytes, quantity, type RpcReceipt } from './rpc-schemas.ts';

/** A contract call, or a deployment where `to` is undefined. */
export interface Call {
  readonly to: Account | undefined;
  readonly data: string;
  /** Which command it stands for, where it is one: some errors mean different things for different commands. */
  readonly command?: LedgerCommand['type'];
}

interface Simulation extends Call {
  readonly from: Account;
  readonly signal: AbortSignal;
}

/** Runs a call against the newest block and answers the gas it takes. @throws the contracts' codes, LEDGER_REJECTED, LEDGER_UNAVAILABLE */
export async function simulate(rpc: Rpc, simulation: Simulation): Promise<bigint> {
  const { signal } = simulation;
  try {
    const params = [transactionOf(simulation), 'latest'];
    return await rpc.call({ method: 'eth_estimateGas', params, answer: quantity, signal });
  } catch (error) {
    if (!refusalOf(error)) throw error;
    // Not every node's estimate hands on why the contract refused; a plain call does.
    throw (await reasonAt(rpc, { ...simulation, block: 'latest' })) ?? rejectionOf(error, simulation) ?? error;
  }
}

/** Why a mined transaction failed: what the same call answers after its block. */
export async function explainReceipt(
  rpc: Rpc,
  { receipt, ...simulation }: Simulation & { readonly receipt: RpcReceipt },
): Promise<Error> {
  const reason = await reasonAt(rpc, { ...simulation, block: toQuantity(receipt.blockNumber) });
  return (
    reason ??
    new DewproofError(
      'LEDGER_REJECTED',
      `Transaction ${receipt.transactionHash} failed after ${receipt.gasUsed} gas, for no reason that stands any more; repeat it.`,
      { details: { transaction: receipt.transactionHash } },
    )
  );
}

async function reasonAt(
  rpc: Rpc,
  { block, ...simulation }: Simulation & { readonly block: string },
): Promise<Error | undefined> {
  try {
    const params = [transactionOf(simulation), block];
    await rpc.call({ method: 'eth_call', params, answer: hexBytes, signal: simulation.signal });
    return undefined;
  } catch (error) {
    return rejectionOf(error, simulation) ?? (error as Error);
  }
}

/** The contract's refusal as an error of ours; undefined where the node failed and not the call. */
function rejectionOf(error: unknown, { command }: Call): DewproofError | undefined {
  const refusal = refusalOf(error);
  if (!refusal) return undefined;
  if (refusal.data !== undefined) {
    const known = decodeContractError(refusal.data, command);
    if (known) return known;
  }
  if (refusal.data === undefined && !/revert|out of gas|exceeds|insufficient funds/i.test(refusal.message)) {
    return undefined;
  }
  return new DewproofError('LEDGER_REJECTED', `The ledger refuses this: ${refusal.message}. Correct it.`, {
    cause: refusal,
  });
}

function transactionOf({ from, to, data }: Simulation): Readonly<Record<string, string>> {
  return { from, ...(to && { to }), data };
}
