import { DewproofError } from '../../core/errors.ts';
import { readBlock } from './blocks.ts';
import type { Rpc } from './json-rpc.ts';
import { quantity } from './rpc-schemas.ts';

/** What a transaction offers for gas, in wei; a chain with free gas takes zero. */
export type Fees =
  | { readonly type: 0; readonly gasPrice: bigint }
  | { readonly type: 2; readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint };

/** The newest block's gas limit and what its chain asks for gas now. @throws LEDGER_UNAVAILABLE */
export async function readFees(rpc: Rpc, signal: AbortSignal): Promise<{ fees: Fees; blockGasLimit: bigint }> {
  const gasPrice = await rpc.call({ method: 'eth_gasPrice', params: [], answer: quantity, signal });
  const block = await readBlock(rpc, { height: 'latest', signal });
  if (!block) throw new DewproofError('LEDGER_UNAVAILABLE', `The node at ${rpc.url} has no blocks yet; wait for it.`);
  return { fees: planFees(gasPrice, block.baseFeePerGas ?? undefined), blockGasLimit: block.gasLimit };
}

/** Twice the base fee lasts for six full blocks (EIP-1559: at most 1/8 more a block); only what is needed is paid. */
function planFees(gasPrice: bigint, baseFee: bigint | undefined): Fees {
  if (baseFee === undefined) return { type: 0, gasPrice };
  const tip = gasPrice > baseFee ? gasPrice - baseFee : 0n;
  return { type: 2, maxFeePerGas: 2n * baseFee + tip, maxPriorityFeePerGas: tip };
}
