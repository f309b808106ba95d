import type { FunctionFragment, Interface } from 'ethers/abi';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { accessManagerInterface } from '../../../chain/evm/access-manager-interface.ts';
import { deployTenant, type DeployedTenant } from '../../../chain/evm/deploy-tenant.ts';
import { encodeCommand } from '../../../chain/evm/encode-command.ts';
import {
  governanceRoleIds,
  GUARDED_ADMIN_ROLE,
  managerAdminFunctions,
  registryFunctionRoles,
} from '../../../chain/evm/governance.ts';
import { openLocalAccount } from '../../../chain/evm/local-account.ts';
import { registryInterface } from '../../../chain/evm/registry-interface.ts';
import { ANYONE } from '../../../core/ids.ts';
import type { LedgerCommand } from '../../../core/ledger/commands.ts';
import { roleNeeded } from '../../../core/ledger/permissions.ts';
import { governanceRoles, type GovernanceRole } from '../../../core/ledger/records.ts';
import { NEVER } from '../../../core/policy.ts';
import { accessManagerAt, registryAt, type TestContract } from '../../support/evm-calls.ts';
import { askNode, devAccount, startAnvil, type DevNode } from '../../support/nodes.ts';

const DAY = 86_400;
const deployer = devAccount(0);
const holders = Object.fromEntries(governanceRoles.map((role, index) => [role, devAccount(index + 1)])) as Record<
  GovernanceRole,
  ReturnType<typeof devAccount>
>;
const stranger = devAccount(8);
const everyone = { ...holders, stranger, deployer };

let node: DevNode;
let tenant: DeployedTenant;
let registry: TestContract;
let manager: TestContract;

beforeAll(async () => {
  node = await startAnvil();
});
afterAll(() => node.kill());

beforeEach(async () => {
  tenant = await deployTenant({
    url: node.url,
    deployer,
    tenant: 'greenfields',
    approvalThreshold: 1,
    members: governanceRoles.map((role) => ({ account: holders[role].account, role })),
  });
  registry = registryAt(node, tenant.anchor.registry);
  manager = accessManagerAt(node, tenant.accessManager);
});

function functionsOf(contract: Interface): readonly FunctionFragment[] {
  return contract.fragments.filter((fragment): fragment is FunctionFragment => fragment.type === 'function');
}

/** Arguments that decode; whether they make sense comes after whether the caller may. */
function argumentsOf({ inputs }: FunctionFragment): readonly unknown[] {
  const sample = (type: string): unknown => {
    if (type.endsWith('[]')) return [];
    if (type === 'address') return stranger.account;
    if (type === 'bool') return false;
    if (type === 'bytes' || type === 'string') return '0x12345678';
    if (type.startsWith('bytes')) return `0x${'11'.repeat(Number(type.slice(5)))}`;
    return 1;
  };
  return inputs.map(({ type, components }) => (components ? components.map((one) => sample(one.type)) : sample(type)));
}

describe('every function of the registry', () => {
  test('is open to exactly those whom the table names', async () => {
    const wrong: string[] = [];
    for (const fragment of functionsOf(registryInterface)) {
      for (const [who, { account }] of Object.entries(everyone)) {
        const error = await registry.tried(account, { name: fragment.format(), args: argumentsOf(fragment) });
        const may = expectedOf(fragment, who);
        const refused = error === 'AccessManagedUnauthorized' || error === 'AccessManagerNotScheduled';
        const is = error === 'AccessManagerNotScheduled' ? 'later' : refused ? 'never' : 'now';
        if (is !== may) wrong.push(`${who} ${fragment.name}: ${is} (${error ?? 'done'}), not ${may}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  function expectedOf({ name, stateMutability }: FunctionFragment, who: string): 'now' | 'later' | 'never' {
    if (stateMutability === 'view' || name === 'anchorReceipts') return 'now';
    if (name === 'setAuthority') return 'never';
    const role = registryFunctionRoles[name as keyof typeof registryFunctionRoles];
    if (role !== who) return 'never';
    return role === 'admin' ? 'later' : 'now';
  }

  test('is in the table, unless it is open or the manager’s alone', () => {
    const restricted = functionsOf(registryInterface)
      .filter(
        ({ name, stateMutability }) => stateMutability !== 'view' && !['anchorReceipts', 'setAuthority'].includes(name),
      )
      .map(({ name }) => name);
    expect(Object.keys(registryFunctionRoles).sort()).toEqual(restricted.sort());
  });

  test('asks for the role that core asks for the same command', () => {
    const id = `0x${'11'.repeat(32)}` as const;
    const digest = `sha256:${'11'.repeat(32)}` as const;
    const { account } = stranger;
    const proposals = [{ resource: id, version: 1n, digest, group: id }];
    const commands: { readonly [Type in LedgerCommand['type']]: Extract<LedgerCommand, { type: Type }> } = {
      'enrol-device': { type: 'enrol-device', account, kind: 'edge', group: id, profile: undefined },
      'set-device-status': { type: 'set-device-status', account, status: 'suspended' },
      'set-device-group': { type: 'set-device-group', account, group: id },
      'set-device-profile': { type: 'set-device-profile', account, profile: digest },
      propose: { type: 'propose', proposals },
      approve: { type: 'approve', proposals },
      revoke: { type: 'revoke', resource: id, version: 1n },
      'set-approval-threshold': { type: 'set-approval-threshold', threshold: 1 },
      'set-grant': {
        type: 'set-grant',
        resource: id,
        subject: ANYONE,
        actions: ['read'],
        offline: false,
        expiresAt: NEVER,
      },
      'revoke-grant': { type: 'revoke-grant', resource: id, subject: ANYONE },
      'set-member': { type: 'set-member', role: id, account, expiresAt: NEVER },
      'remove-member': { type: 'remove-member', role: id, account },
      'anchor-receipts': { type: 'anchor-receipts', root: id, count: 1 },
    };
    for (const [type, command] of Object.entries(commands)) {
      const name = registryInterface.parseTransaction({ data: encodeCommand(command) })?.name;
      const role = registryFunctionRoles[name as keyof typeof registryFunctionRoles] as GovernanceRole | undefined;
      expect([type, role]).toEqual([type, roleNeeded[command.type]]);
    }
  });
});

describe('every function of the access manager', () => {
  const open = ['schedule', 'execute', 'cancel', 'consumeScheduledOp', 'renounceRole', 'multicall'];

  test('that changes something is an admin’s, who must wait, or open by design', async () => {
    const writes = functionsOf(accessManagerInterface).filter(({ constant }) => !constant);
    expect(writes.map(({ name }) => name).sort()).toEqual([...managerAdminFunctions, ...open].sort());
    for (const fragment of writes.filter(({ name }) => !open.includes(name))) {
      const call = { name: fragment.name, args: argumentsOf(fragment) };
      for (const [who, { account }] of Object.entries(everyone)) {
        const error = await manager.tried(account, call);
        const expected = who === 'admin' ? 'AccessManagerNotScheduled' : 'AccessManagerUnauthorizedAccount';
        expect([fragment.name, who, error]).toEqual([fragment.name, who, expected]);
      }
    }
  });

  test('that an admin schedules, the guardian cancels', async () => {
    for (const name of managerAdminFunctions) {
      const fragment = accessManagerInterface.getFunction(name);
      if (!fragment) throw new Error(name);
      await expectCancelled({ target: manager, name, args: argumentsOf(fragment) });
    }
  });
});

const scheduled = (target: TestContract, call: { name: string; args: readonly unknown[] }) => {
  const data = target.contract.encodeFunctionData(call.name, call.args);
  const { account } = holders.admin;
  return {
    schedule: [target.address, data, 0],
    cancel: [account, target.address, data],
    execute: [target.address, data],
  };
};

async function expectCancelled({ target, ...call }: { target: TestContract; name: string; args: readonly unknown[] }) {
  const { schedule, cancel } = scheduled(target, call);
  await manager.send(holders.admin, { name: 'schedule', args: schedule });
  const before = { name: 'cancel', args: cancel };
  expect(await manager.tried(stranger.account, before)).toBe('AccessManagerUnauthorizedCancel');
  expect(await manager.tried(holders.publisher.account, before)).toBe('AccessManagerUnauthorizedCancel');
  await manager.send(holders.guardian, before);
  await askNode(node, { method: 'evm_increaseTime', params: [DAY] });
  await askNode(node, { method: 'evm_mine' });
  expect([call.name, await target.tried(holders.admin.account, call)]).toEqual([
    call.name,
    'AccessManagerNotScheduled',
  ]);
}

describe('the set-up', () => {
  test('labels every role, so that explorers show names', async () => {
    const topic = accessManagerInterface.getEvent('RoleLabel')?.topicHash;
    const filter = { address: tenant.accessManager, fromBlock: '0x0', toBlock: 'latest', topics: [topic] };
    const logs = (await askNode(node, { method: 'eth_getLogs', params: [filter] })) as {
      topics: string[];
      data: string;
    }[];
    const labels = logs.map((log) => accessManagerInterface.parseLog(log)?.args.toArray());
    const named = governanceRoles.filter((role) => role !== 'admin').map((role) => [governanceRoleIds[role], role]);
    expect(labels).toEqual([...named, [GUARDED_ADMIN_ROLE, 'guarded-admin']]);
  });

  test('also delays, after five days, an admin who was appointed without delay', async () => {
    await askNode(node, { method: 'evm_increaseTime', params: [5 * DAY] });
    await askNode(node, { method: 'evm_mine' });
    for (const target of [registry.address, manager.address]) {
      expect(await manager.read('getTargetAdminDelay', [target])).toBe(BigInt(DAY));
    }
  });
});

describe('an admin', () => {
  test('changes the threshold after the delay, not before, unless the guardian cancels', async () => {
    const call = { name: 'setApprovalThreshold', args: [0] };
    await expectCancelled({ target: registry, ...call });
    const { schedule } = scheduled(registry, call);
    await manager.send(holders.admin, { name: 'schedule', args: schedule });
    expect(await registry.tried(holders.admin.account, call)).toBe('AccessManagerNotReady');
    await askNode(node, { method: 'evm_increaseTime', params: [DAY] });
    await askNode(node, { method: 'evm_mine' });
    await registry.send(holders.admin, call);
    expect(await registry.read('approvalThreshold')).toBe(0n);
  });

  test('can’t take the waiting time away, nor the guardian, without waiting', async () => {
    const { admin, guardian } = holders;
    const hasty = [
      { name: 'grantRole', args: [0, admin.account, 0] },
      { name: 'grantRole', args: [GUARDED_ADMIN_ROLE, admin.account, 0] },
      { name: 'revokeRole', args: [governanceRoleIds.guardian, guardian.account] },
      { name: 'setTargetFunctionRole', args: [tenant.anchor.registry, [], 0] },
    ];
    for (const call of hasty) expect(await manager.tried(admin.account, call)).toBe('AccessManagerNotScheduled');
    const inside = hasty.map(({ name, args }) => accessManagerInterface.encodeFunctionData(name, args));
    expect(await manager.tried(admin.account, { name: 'multicall', args: [inside] })).toBe('AccessManagerNotScheduled');
    const data = registryInterface.encodeFunctionData('setApprovalThreshold', [0]);
    const execute = { name: 'execute', args: [registry.address, data] };
    expect(await manager.tried(admin.account, execute)).toBe('AccessManagerNotScheduled');
  });
});

describe('the deployer', () => {
  const roleIds = [...Object.values(governanceRoleIds), GUARDED_ADMIN_ROLE];

  async function rolesOf(account: string): Promise<readonly bigint[]> {
    const held: bigint[] = [];
    for (const id of roleIds) {
      const [isMember] = (await manager.read('hasRole', [id, account])) as [boolean, bigint];
      if (isMember) held.push(id);
    }
    return held;
  }

  test('has nothing left', async () => {
    expect(await rolesOf(deployer.account)).toEqual([]);
    expect(await rolesOf(holders.admin.account)).toEqual([0n, GUARDED_ADMIN_ROLE]);
    expect(await rolesOf(holders.publisher.account)).toEqual([governanceRoleIds.publisher]);
  });

  test('has what it gives itself, as an admin not without the delay', async () => {
    const roles = ['admin', 'publisher'] as const;
    const own = await deployTenant({
      url: node.url,
      deployer,
      tenant: 'greenfields',
      approvalThreshold: 1,
      members: [
        ...roles.map((role) => ({ account: deployer.account, role })),
        { account: stranger.account, role: 'guardian' },
      ],
      adminDelaySeconds: 7,
    });
    manager = accessManagerAt(node, own.accessManager);
    expect(await rolesOf(deployer.account)).toEqual([0n, governanceRoleIds.publisher, GUARDED_ADMIN_ROLE]);
    for (const id of [0n, GUARDED_ADMIN_ROLE]) {
      expect(await manager.read('hasRole', [id, deployer.account])).toMatchObject([true, 7n]);
    }
  });

  test('must name an admin, and a guardian who is no admin', async () => {
    const { account } = stranger;
    const wrong: (readonly GovernanceRole[])[] = [[], ['admin'], ['guardian'], ['admin', 'guardian']];
    for (const roles of wrong) {
      const members = roles.map((role) => ({ account, role }));
      const input = { url: node.url, deployer, tenant: 'greenfields', approvalThreshold: 1, members };
      await expect(deployTenant(input)).rejects.toMatchObject({ code: 'CONFIG' });
    }
  });

  test('is told clearly where the deployment fails on its way', async () => {
    const poor = openLocalAccount(Buffer.alloc(32, 0x5e));
    const members = governanceRoles.map((role) => ({ account: holders[role].account, role }));
    const input = { url: node.url, tenant: 'greenfields', approvalThreshold: 1, members };
    await expect(deployTenant({ ...input, deployer: poor })).rejects.toMatchObject({ code: 'LEDGER_REJECTED' });
    await expect(deployTenant({ ...input, deployer, url: 'http://127.0.0.1:1' })).rejects.toMatchObject({
      code: 'LEDGER_UNAVAILABLE',
    });
    await expect(deployTenant({ ...input, deployer, tenant: 'Green/Fields' })).rejects.toMatchObject({
      code: 'SCHEMA',
    });
  });
});
