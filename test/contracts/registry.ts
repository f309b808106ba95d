import { BrowserProvider, Contract, ContractFactory, type JsonRpcSigner } from 'ethers';
import { network } from 'hardhat';
import { accessManagerAbi, accessManagerBytecode } from '../../chain/evm/generated/access-manager.ts';
import { registryAbi, registryBytecode } from '../../chain/evm/generated/registry.ts';

/** A registry on a network inside this process; its admin may call everything. */
export interface DeployedRegistry {
  readonly provider: BrowserProvider;
  readonly admin: JsonRpcSigner;
  readonly manager: string;
  readonly registry: Contract;
  /** Sends one call of the registry as its admin and waits for it. */
  call(name: string, ...args: readonly unknown[]): Promise<void>;
  close(): Promise<void>;
}

/** Deploys an access manager and a registry that needs `threshold` approvals on a fresh Hardhat network. */
export async function deployRegistry({ threshold }: { threshold: number }): Promise<DeployedRegistry> {
  const connection = await network.create();
  const provider = new BrowserProvider(connection.provider, undefined, {
    cacheTimeout: -1,
    pollingInterval: 20,
  });
  const admin = await provider.getSigner(0);
  const manager = await deploy(new ContractFactory(accessManagerAbi, accessManagerBytecode, admin), admin.address);
  const factory = new ContractFactory(registryAbi, registryBytecode, admin);
  const registry = new Contract(await deploy(factory, manager, threshold), registryAbi, admin);
  return {
    provider,
    admin,
    manager,
    registry,
    async call(name, ...args) {
      const sent = await admin.sendTransaction({
        to: await registry.getAddress(),
        data: registry.interface.encodeFunctionData(name, args),
      });
      await sent.wait();
    },
    async close() {
      provider.destroy();
      await connection.close();
    },
  };
}

async function deploy(factory: ContractFactory, ...args: readonly unknown[]): Promise<string> {
  const contract = await factory.deploy(...args);
  await contract.waitForDeployment();
  return contract.getAddress();
}
