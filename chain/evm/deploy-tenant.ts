import { AbiCoder } from 'ethers/abi';
import type { Account } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';
import { parseName, type Name } from '../../core/ids.ts';
import type { BlockRef } from '../../core/ledger/records.ts';
import { defaultFreshness, type Anchor } from '../../core/state/anchor.ts';
import { accessManagerInterface } from './access-manager-interface.ts';
import { readBlock, toBlockRef } from './blocks.ts';
import { accessManagerBytecode } from './generated/access-manager.ts';
import { registryBytecode, registryCodeHash } from './generated/registry.ts';
import { identifyNode } from './identity.ts';
import { openRpc, type Rpc } from './json-rpc.ts';
import type { LocalAccount } from './local-account.ts';
import { planGovernance, verifyMembers, type Member } from './plan-governance.ts';
import { quantity, type RpcReceipt } from './rpc-schemas.ts';
import { openSender, type Order, type Sender } from './send-transaction.ts';

/** What a tenant is made from. */
export interface TenantInput {
  /** The node's JSON-RPC address; the anchor names it too. */
  readonly url: string;
  /** Pays for three transactions; keeps no role but those it has as a member. */
  readonly deployer: LocalAccount;
  readonly tenant: Name;
  /** How many must approve a proposal, the proposer not counted. */
  readonly approvalThreshold: number;
  readonly members: readonly Member[];
  /** How long whatever an admin does must wait, in which a guardian may cancel it. */
  readonly adminDelaySeconds?: number;
  /** How deep a block must be to count, for those who use the anchor. */
  readonly confirmations?: number;
  /** Bounds each of the three transactions. */
  readonly timeoutMs?: number;
}

/** A tenant on its chain. */
export interface DeployedTenant {
  readonly anchor: Anchor;
  readonly accessManager: Account;
  /** The first block with anything of this tenant; its history begins here. */
  readonly beginsAt: BlockRef;
}

const DEFAULT_ADMIN_DELAY_SECONDS = 86_400;
const TRANSACTION_TIMEOUT_MS = 60_000;

/**
 * Deploys a tenant in three transactions: its AccessManager, its Registry, and all roles at once, with which the
 * deployer gives its power away. Until the third is mined nobody but the deployer can do anything, so a failure on
 * the way costs gas alone: deploy again.
 * @throws CONFIG, SCHEMA, LEDGER_UNAVAILABLE, LEDGER_REJECTED
 */
export async function deployTenant(input: TenantInput): Promise<DeployedTenant> {
  const { deployer, members, adminDelaySeconds = DEFAULT_ADMIN_DELAY_SECONDS } = input;
  const tenant = parseName(input.tenant);
  verifyMembers({ members, adminDelaySeconds });
  verifyThreshold(input.approvalThreshold);
  const { rpc, sender, chain } = await openDeployment(input);
  const managerArgs = AbiCoder.defaultAbiCoder().encode(['address'], [deployer.account]);
  const manager = await deploy(sender, `${accessManagerBytecode}${managerArgs.slice(2)}`);
  const registryArgs = AbiCoder.defaultAbiCoder().encode(
    ['address', 'uint32'],
    [manager.address, input.approvalThreshold],
  );
  const registry = await deploy(sender, `${registryBytecode}${registryArgs.slice(2)}`);
  const calls = planGovernance({
    manager: manager.address,
    registry: registry.address,
    deployer: deployer.account,
    members,
    adminDelaySeconds,
  });
  await sender.send(orderOf(manager.address, accessManagerInterface.encodeFunctionData('multicall', [calls])));
  const beginsAt = await blockOf(rpc, manager.receipt);
  return {
    anchor: await makeAnchor(rpc, { input, tenant, chain, registry: registry.address, beginsAt }),
    accessManager: manager.address,
    beginsAt,
  };
}

async function openDeployment({
  url,
  deployer,
  timeoutMs = TRANSACTION_TIMEOUT_MS,
}: TenantInput): Promise<{ rpc: Rpc; sender: Sender; chain: string }> {
  const rpc = openRpc({ url });
  const chainId = await rpc.call({ method: 'eth_chainId', params: [], answer: quantity });
  const closed = new AbortController().signal;
  const sender = openSender({ rpc, signer: deployer, chainId: () => Promise.resolve(chainId), timeoutMs, closed });
  return { rpc, sender, chain: `eip155:${chainId}` };
}

async function deploy(sender: Sender, data: string): Promise<{ address: Account; receipt: RpcReceipt }> {
  const receipt = await sender.send(orderOf(undefined, data));
  if (receipt.contractAddress) return { address: receipt.contractAddress, receipt };
  throw new DewproofError('LEDGER_REJECTED', 'The node tells no address of what was deployed; use another node.');
}

function orderOf(to: Account | undefined, data: string): Order {
  return { to, data, spareGas: 0n };
}

async function makeAnchor(
  rpc: Rpc,
  {
    input,
    tenant,
    chain,
    registry,
    beginsAt,
  }: {
    readonly input: TenantInput;
    readonly tenant: Name;
    readonly chain: string;
    readonly registry: Account;
    readonly beginsAt: BlockRef;
  },
): Promise<Anchor> {
  const expected = { chain, codeHash: registryCodeHash } as const;
  const { genesis } = await identifyNode(rpc, { registry, expected }).verify();
  return {
    apiVersion: 'dewproof/v1',
    kind: 'Anchor',
    version: 1,
    tenant,
    chain,
    genesis,
    registry,
    codeHash: registryCodeHash,
    beginsAt: Number(beginsAt.height),
    ...defaultFreshness,
    finality: { kind: 'rpc', url: input.url, confirmations: input.confirmations ?? 0 },
  };
}

async function blockOf(rpc: Rpc, { blockNumber }: RpcReceipt): Promise<BlockRef> {
  const block = await readBlock(rpc, { height: blockNumber });
  if (block) return toBlockRef(block);
  throw new DewproofError('LEDGER_UNAVAILABLE', 'The node lost the block of the deployment; deploy again.');
}

function verifyThreshold(threshold: number): void {
  if (Number.isInteger(threshold) && threshold >= 0 && threshold < 2 ** 32) return;
  throw new DewproofError('CONFIG', 'A threshold is a whole number from 0; correct it.');
}
