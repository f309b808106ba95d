import { toQuantity } from '../../chain/evm/blocks.ts';
import { hexBytes } from '../../chain/evm/rpc-schemas.ts';
import { fromHex, toHex } from '../../chain/light/hex.ts';
import type { Account } from '../../core/account.ts';
import type { Bytes32 } from '../../core/digest.ts';
import { DewproofError } from '../../core/errors.ts';
import type { ValidatorContract } from '../../core/state/finality.ts';
import type { AnchorNode } from './read-block.ts';

/**
 * A contract with the hash of the code that the node says it has at block `height`: whoever reads a proof with it learns
 * whether that is so. @throws LEDGER_UNAVAILABLE, USAGE (no contract stands there)
 */
export async function findContract(
  { address, slot, height }: { readonly address: Account; readonly slot: Bytes32; readonly height: bigint },
  { rpc, crypto }: AnchorNode,
): Promise<ValidatorContract> {
  const code = await rpc.call({
    method: 'eth_getCode',
    params: [address, toQuantity(height)],
    answer: hexBytes,
  });
  if (code !== '0x') return { address, codeHash: toHex(crypto.keccak256(fromHex(code))), slot };
  throw new DewproofError('USAGE', `No contract stands at ${address} in block ${height}; see which one is right.`);
}
