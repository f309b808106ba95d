import { AbiCoder, Interface } from 'ethers';
import { z } from 'zod';
import { address } from '../../chain/evm/rpc-schemas.ts';
import type { ValidatorContract } from '../../core/state/finality.ts';
import { deployer } from './evm-tenant.ts';
import {
  validatorSetAbi,
  validatorSetBytecode,
  validatorSetCodeHash,
  validatorSetSlot,
} from './generated/validator-set.ts';
import { askNode, until, type DevNode } from './nodes.ts';
import { createValidators, type TestValidator } from './test-validators.ts';

/** A contract on a development node that names a network's validators. */
export interface DeployedSet {
  /** As an anchor names it. */
  readonly anchored: ValidatorContract;
  /** Whom it names in the state after block `height`. */
  namedIn(height: bigint): Promise<readonly TestValidator[]>;
  /** Has it name others, in a block of its own. */
  replace(validators: readonly TestValidator[]): Promise<void>;
}

const receiptSchema = z.object({ status: z.literal('0x1'), contractAddress: z.string().nullable() }).nullable();
const abi = new Interface(validatorSetAbi);
const everybody = new Map(createValidators(40).map((one) => [one.account, one]));
const accountsOf = (validators: readonly TestValidator[]) => validators.map(({ account }) => account);

/** Deploys contracts/test/ValidatorSet.sol, and mines a block on it; who may be named are `createValidators(40)`. */
export async function deployValidatorSet(
  node: Pick<DevNode, 'url'>,
  validators: readonly TestValidator[],
): Promise<DeployedSet> {
  const constructed = AbiCoder.defaultAbiCoder().encode(['address[]'], [accountsOf(validators)]);
  const to = address.parse(await send(node, { data: `${validatorSetBytecode}${constructed.slice(2)}` }));
  await askNode(node, { method: 'evm_mine' });
  const slot = `0x${validatorSetSlot.toString(16).padStart(64, '0')}` as const;
  return {
    anchored: { address: to, codeHash: validatorSetCodeHash, slot },
    namedIn: async (height) => {
      const data = abi.encodeFunctionData('getValidators');
      const params = [{ to, data }, `0x${height.toString(16)}`];
      const answer = z.string().parse(await askNode(node, { method: 'eth_call', params }));
      const [named] = z.tuple([z.array(address)]).parse([...abi.decodeFunctionResult('getValidators', answer)]);
      return named.map(validatorOf);
    },
    replace: async (next) => {
      await send(node, { to, data: abi.encodeFunctionData('replace', [accountsOf(next)]) });
    },
  };
}

/** Sends a call or a deployment, which the node mines at once; tells where it put a contract. */
async function send(
  node: Pick<DevNode, 'url'>,
  call: { readonly to?: string; readonly data: string },
): Promise<unknown> {
  const hash = await askNode(node, { method: 'eth_sendTransaction', params: [{ from: deployer.account, ...call }] });
  const receipt = await until(async () => {
    const answer = await askNode(node, { method: 'eth_getTransactionReceipt', params: [hash] });
    return receiptSchema.parse(answer) ?? undefined;
  });
  return receipt.contractAddress;
}

function validatorOf(account: `0x${string}`): TestValidator {
  const found = everybody.get(account);
  if (!found) throw new TypeError(`nobody has the key of ${account}`);
  return found;
}
