import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { deployTenant, type DeployedTenant } from '../../../chain/evm/deploy-tenant.ts';
import { openEvmGovernance, type Governance } from '../../../chain/evm/evm-governance.ts';
import { callsOf, describeCall } from '../../../chain/evm/governance-change.ts';
import { governanceRoleIds, GUARDED_ADMIN_ROLE } from '../../../chain/evm/governance.ts';
import type { LocalAccount } from '../../../chain/evm/local-account.ts';
import { operationId } from '../../../chain/evm/read-operations.ts';
import { governanceRoles, type GovernanceRole } from '../../../core/ledger/records.ts';
import { accessManagerAt, registryAt, type TestContract } from '../../support/evm-calls.ts';
import { startNodeProxy } from '../../support/node-proxy.ts';
import { askNode, devAccount, startHardhat, type DevNode } from '../../support/nodes.ts';

const DAY = 86_400;
const WEEK = 7 * DAY;
const holders = Object.fromEntries(governanceRoles.map((role, index) => [role, devAccount(index + 1)])) as Record<
  GovernanceRole,
  LocalAccount
>;
const stranger = devAccount(8);
const newcomer = devAccount(9);

let node: DevNode;
let tenant: DeployedTenant;
let manager: TestContract;
let registry: TestContract;

beforeAll(async () => {
  node = await startHardhat();
});
afterAll(() => node.kill());

beforeEach(async () => {
  tenant = await deploy(DAY);
  manager = accessManagerAt(node, tenant.accessManager);
  registry = registryAt(node, tenant.anchor.registry);
});

function deploy(adminDelaySeconds: number): Promise<DeployedTenant> {
  const members = governanceRoles.map((role) => ({ account: holders[role].account, role }));
  return deployTenant({
    url: node.url,
    deployer: devAccount(0),
    tenant: 'greenfields',
    approvalThreshold: 1,
    members,
    adminDelaySeconds,
  });
}

function as(signer: LocalAccount | undefined, { anchor } = tenant): Governance {
  const governance = openEvmGovernance({ anchor, signer, pollMs: 50 });
  onTestFinished(() => {
    governance.close();
  });
  return governance;
}

async function pass(seconds: number): Promise<void> {
  await askNode(node, { method: 'evm_increaseTime', params: [seconds] });
  await askNode(node, { method: 'evm_mine' });
}

async function has(role: bigint, account: string): Promise<boolean> {
  const [isMember] = (await manager.read('hasRole', [role, account])) as [boolean, bigint];
  return isMember;
}

const grant = (role: GovernanceRole, executionDelaySeconds = 0) =>
  ({ type: 'grant-role', role, account: newcomer.account, executionDelaySeconds }) as const;

describe('an admin', () => {
  test('grants a role: scheduled, shown in words, too soon, then in force', async () => {
    const admin = as(holders.admin);
    const { operations, submitted } = await admin.schedule(grant('publisher'));
    const [listed] = await as(undefined).list();
    expect(listed).toMatchObject({
      id: operations[0],
      caller: holders.admin.account,
      target: tenant.accessManager,
      words: `make ${newcomer.account} a member of publisher`,
      state: 'waiting',
      scheduledIn: submitted.transaction,
    });
    expect(listed && Number(listed.readyAt - submitted.block.time)).toBe(DAY);
    expect(listed && Number(listed.expiresAt - listed.readyAt)).toBe(WEEK);
    await expect(admin.execute(operations)).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
    expect(await has(governanceRoleIds.publisher, newcomer.account)).toBe(false);
    await pass(DAY);
    expect(await admin.list()).toMatchObject([{ state: 'ready' }]);
    await admin.execute(operations);
    expect(await has(governanceRoleIds.publisher, newcomer.account)).toBe(true);
    expect(await admin.list()).toEqual([]);
    await expect(admin.execute(operations)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('takes a role away, and changes the threshold', async () => {
    const admin = as(holders.admin);
    const revoked = await admin.schedule({ type: 'revoke-role', role: 'revoker', account: holders.revoker.account });
    const changed = await admin.schedule({ type: 'set-approval-threshold', threshold: 3 });
    expect((await admin.list()).map(({ words }) => words)).toEqual([
      `take revoker from ${holders.revoker.account}`,
      'have 3 approvals activate a version',
    ]);
    await pass(DAY);
    await admin.execute([...revoked.operations, ...changed.operations]);
    expect(await has(governanceRoleIds.revoker, holders.revoker.account)).toBe(false);
    expect(await registry.read('approvalThreshold')).toBe(3n);
  });

  test('makes another admin in both roles, who must wait as long', async () => {
    const admin = as(holders.admin);
    const delay = await admin.adminDelay();
    expect(delay).toBe(DAY);
    const { operations } = await admin.schedule(grant('admin', delay));
    expect((await admin.list()).map(({ words }) => words)).toEqual([
      `make ${newcomer.account} a member of guarded-admin, who must wait ${DAY} s before each act`,
      `make ${newcomer.account} a member of admin, who must wait ${DAY} s before each act`,
    ]);
    await pass(DAY);
    await admin.execute(operations);
    expect(await has(0n, newcomer.account)).toBe(true);
    expect(await has(GUARDED_ADMIN_ROLE, newcomer.account)).toBe(true);
    expect(await as(newcomer).adminDelay()).toBe(DAY);
    const { operations: removal } = await admin.schedule({ ...grant('admin'), type: 'revoke-role' });
    await pass(DAY);
    await admin.execute(removal);
    expect(await as(newcomer).adminDelay()).toBeUndefined();
    expect(await has(GUARDED_ADMIN_ROLE, newcomer.account)).toBe(false);
  });

  test('can’t schedule twice, nor execute too late, but anew', async () => {
    const admin = as(holders.admin);
    const { operations } = await admin.schedule(grant('approver'));
    await expect(admin.schedule(grant('approver'))).rejects.toMatchObject({ code: 'LEDGER_REJECTED' });
    await pass(DAY + WEEK);
    expect(await admin.list()).toMatchObject([{ state: 'expired' }]);
    await expect(admin.execute(operations)).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
    await admin.schedule(grant('approver'));
    expect(await admin.list()).toMatchObject([{ id: operations[0], state: 'waiting' }]);
  });

  test('without a delay is told so, and carries it out at once', async () => {
    const hasty = await deploy(0);
    const admin = as(holders.admin, hasty);
    await expect(admin.schedule(grant('publisher'))).rejects.toMatchObject({
      code: 'NOT_PERMITTED',
      message: expect.stringContaining('at once') as string,
    });
    await admin.carryOut(grant('admin'));
    manager = accessManagerAt(node, hasty.accessManager);
    expect(await has(0n, newcomer.account)).toBe(true);
    expect(await has(GUARDED_ADMIN_ROLE, newcomer.account)).toBe(true);
  });

  test('with a delay carries nothing out at once', async () => {
    await expect(as(holders.admin).carryOut(grant('publisher'))).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
  });
});

describe('others', () => {
  test('the guardian cancels, and what was cancelled is never executed', async () => {
    const admin = as(holders.admin);
    const { operations } = await admin.schedule(grant('admin', DAY));
    const threshold = await admin.schedule({ type: 'set-approval-threshold', threshold: 0 });
    await as(holders.guardian).cancel([...operations, ...threshold.operations]);
    expect(await admin.list()).toEqual([]);
    await pass(DAY);
    await expect(admin.execute(operations)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('whoever scheduled it cancels it; a stranger and other roles do not', async () => {
    const admin = as(holders.admin);
    const { operations } = await admin.schedule(grant('publisher'));
    for (const who of [stranger, holders.publisher, holders.revoker]) {
      await expect(as(who).cancel(operations)).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
    }
    await admin.cancel(operations);
    await expect(admin.cancel(operations)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('schedule nothing, and execute nothing of an admin’s', async () => {
    for (const who of [stranger, holders.publisher, holders.guardian]) {
      await expect(as(who).schedule(grant('publisher'))).rejects.toMatchObject({
        code: 'NOT_PERMITTED',
        message: expect.stringContaining('Only an admin') as string,
      });
      await expect(as(who).schedule({ type: 'set-approval-threshold', threshold: 0 })).rejects.toMatchObject({
        code: 'NOT_PERMITTED',
      });
    }
    const { operations } = await as(holders.admin).schedule(grant('publisher'));
    await pass(DAY);
    await expect(as(stranger).execute(operations)).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
    await expect(as(undefined).execute(operations)).rejects.toMatchObject({ code: 'KEY_MISSING' });
    expect(await as(stranger).adminDelay()).toBeUndefined();
  });
});

describe('what is listed', () => {
  test('names what has no words of its own, and says where something can’t be read', () => {
    const contracts = { manager: manager.address, registry: registry.address };
    const encode = (name: string, args: readonly unknown[]) => manager.contract.encodeFunctionData(name, args);
    const words = (target: string, data: string) => describeCall({ target: target as `0x${string}`, data }, contracts);
    expect(words(manager.address, encode('setRoleGuardian', [5, 0]))).toBe('AccessManager.setRoleGuardian(5, 0)');
    expect(words(manager.address, encode('labelRole', [5, 'x'.repeat(5000)])).length).toBeLessThan(500);
    expect(words(manager.address, '0x12345678')).toContain('not known (0x12345678)');
    expect(words(manager.address, encode('grantRole', [1, stranger.account, 0]).slice(0, 20))).toContain('not known');
    const grantData = callsOf(grant('publisher'), contracts)[0]?.data ?? '';
    expect(words(stranger.account, grantData)).toContain(
      `not known (${grantData.slice(0, 10)}) of ${stranger.account}`,
    );
  });

  test('is what was scheduled past this command, too', async () => {
    const data = manager.contract.encodeFunctionData('setRoleGuardian', [governanceRoleIds.admin, 0]);
    await manager.send(holders.admin, { name: 'schedule', args: [manager.address, data, 0] });
    expect(await as(undefined).list()).toMatchObject([{ words: 'AccessManager.setRoleGuardian(0, 0)' }]);
  });

  test('is not what a node makes up', async () => {
    await as(holders.admin).schedule(grant('publisher'));
    const id = operationId({
      caller: holders.admin.account,
      ...(callsOf(grant('publisher'), { manager: manager.address, registry: registry.address })[0] ?? {
        target: manager.address,
        data: '0x',
      }),
    });
    const proxy = await startNodeProxy(node);
    onTestFinished(() => proxy.close());
    const anchor = { ...tenant.anchor, finality: { ...tenant.anchor.finality, url: proxy.url } };
    const listed = () => as(undefined, { ...tenant, anchor }).list();
    expect(await listed()).toMatchObject([{ id }]);
    proxy.intercept = async ({ method }, forward) => {
      if (method !== 'eth_getLogs') return undefined;
      const text = JSON.stringify(await forward());
      return { result: JSON.parse(text.replaceAll(id, `0x${'12'.repeat(32)}`)) as unknown };
    };
    await expect(listed()).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  });
});
