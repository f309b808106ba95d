import type { Interface } from 'ethers/abi';
import { accessManagerInterface } from '../../chain/evm/access-manager-interface.ts';
import { openRpc } from '../../chain/evm/json-rpc.ts';
import type { LocalAccount } from '../../chain/evm/local-account.ts';
import { registryInterface } from '../../chain/evm/registry-interface.ts';
import { hexBytes, quantity, type RpcReceipt } from '../../chain/evm/rpc-schemas.ts';
import { openSender } from '../../chain/evm/send-transaction.ts';
import type { Account } from '../../core/account.ts';
import { hasCode } from '../../core/errors.ts';
import type { DevNode } from './nodes.ts';

/** A contract on a development node, spoken to past the ledger under test. */
export interface TestContract {
  readonly address: Account;
  readonly contract: Interface;
  /** What a view function answers. */
  read(name: string, args?: readonly unknown[]): Promise<unknown>;
  /** Sends a transaction; throws the contract's refusal. */
  send(from: LocalAccount, call: { readonly name: string; readonly args: readonly unknown[] }): Promise<RpcReceipt>;
  /** The custom error that a call by `from` is refused with; undefined where it is not refused. */
  tried(from: Account, call: { readonly name: string; readonly args: readonly unknown[] }): Promise<string | undefined>;
}

/** Speaks with a registry. */
export function registryAt(node: Pick<DevNode, 'url'>, address: string): TestContract {
  return contractAt(node, { address: address as Account, contract: registryInterface });
}

/** Speaks with an access manager. */
export function accessManagerAt(node: Pick<DevNode, 'url'>, address: string): TestContract {
  return contractAt(node, { address: address as Account, contract: accessManagerInterface });
}

function contractAt(
  node: Pick<DevNode, 'url'>,
  { address, contract }: Pick<TestContract, 'address' | 'contract'>,
): TestContract {
  const rpc = openRpc({ url: node.url });
  const encode = (name: string, args: readonly unknown[]) => contract.encodeFunctionData(name, args);
  const simulate = (call: Record<string, string>) =>
    rpc.call({ method: 'eth_call', params: [call, 'latest'], answer: hexBytes });
  return {
    address,
    contract,
    read: async (name, args = []) => {
      const result = contract.decodeFunctionResult(name, await simulate({ to: address, data: encode(name, args) }));
      return result.length === 1 ? (result[0] as unknown) : result;
    },
    send: async (signer, { name, args }) => {
      const closed = new AbortController().signal;
      const chainId = () => rpc.call({ method: 'eth_chainId', params: [], answer: quantity });
      const sender = openSender({ rpc, signer, chainId, timeoutMs: 20_000, closed });
      return await sender.send({ to: address, data: encode(name, args), spareGas: 100_000n });
    },
    tried: async (from, { name, args }) => {
      try {
        await simulate({ from, to: address, data: encode(name, args) });
        return undefined;
      } catch (error) {
        const { cause } = error as { cause?: { data?: string; message?: string } };
        if (!hasCode(error) || cause?.data === undefined) throw error;
        const known = registryInterface.parseError(cause.data) ?? accessManagerInterface.parseError(cause.data);
        return known?.name ?? cause.message;
      }
    },
  };
}
