import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readBatchesOf, readEventsOf } from '../../../chain/conformance/read-ledger.ts';
import { deployTenant } from '../../../chain/evm/deploy-tenant.ts';
import { openEvmLedger } from '../../../chain/evm/evm-ledger.ts';
import { governanceRoleIds } from '../../../chain/evm/governance.ts';
import type { Ledger } from '../../../core/ledger/ledger.ts';
import { governanceRoles, type GovernanceRole } from '../../../core/ledger/records.ts';
import { reduceBatch } from '../../../core/ledger/reduce.ts';
import { emptyLedgerState, type LedgerState } from '../../../core/ledger/state.ts';
import { accessManagerAt, type TestContract } from '../../support/evm-calls.ts';
import { deployEvmTenant, deployer, type EvmTenant } from '../../support/evm-tenant.ts';
import { startNodeProxy } from '../../support/node-proxy.ts';
import { devAccount, startAnvil, type DevNode } from '../../support/nodes.ts';

let node: DevNode;
let tenant: EvmTenant;
let manager: TestContract;
let ledger: Ledger;

beforeAll(async () => {
  node = await startAnvil({ args: ['--accounts', '20'] });
});
afterAll(() => node.kill());
beforeEach(async () => {
  tenant = await deployEvmTenant(node);
  manager = accessManagerAt(node, tenant.deployed.accessManager);
  ledger = await tenant.openLedger();
});

async function stateOf(): Promise<LedgerState> {
  return (await readBatchesOf(ledger)).reduce(reduceBatch, emptyLedgerState);
}

async function holdersOf(role: GovernanceRole): Promise<readonly string[]> {
  return [...((await stateOf()).governance.get(role)?.keys() ?? [])];
}

describe('who governs, as the events tell', () => {
  test('follows the access manager', async () => {
    const { admin, stranger, publisher } = tenant.keys;
    await manager.send(admin, { name: 'grantRole', args: [governanceRoleIds.revoker, stranger.account, 0] });
    await manager.send(admin, { name: 'revokeRole', args: [governanceRoleIds.publisher, publisher.account] });
    expect(await holdersOf('revoker')).toContain(stranger.account);
    expect(await holdersOf('publisher')).not.toContain(publisher.account);
  });

  test('has the time of the grant, also where its execution delay is changed later', async () => {
    const { admin, publisher } = tenant.keys;
    const since = (await stateOf()).governance.get('publisher')?.get(publisher.account);
    for (const delay of [1000, 10]) {
      await manager.send(admin, { name: 'grantRole', args: [governanceRoleIds.publisher, publisher.account, delay] });
    }
    const [actual] = (await manager.read('getAccess', [governanceRoleIds.publisher, publisher.account])) as [bigint];
    expect(actual).toBe(since);
    expect((await stateOf()).governance.get('publisher')?.get(publisher.account)).toBe(since);
  });

  test('shows roles of ours alone', async () => {
    const { admin, stranger } = tenant.keys;
    const before = await readEventsOf(ledger);
    await manager.send(admin, { name: 'grantRole', args: [4711, stranger.account, 0] });
    expect(await readEventsOf(ledger)).toEqual(before);
  });
});

describe('a registry that is given another access manager', () => {
  const newcomers = governanceRoles.map((role, index) => ({ role, account: devAccount(index + 12).account }));

  async function replaceManager(): Promise<TestContract> {
    // Its members are appointed, and one dismissed, before the registry knows of it.
    const other = await deployTenant({
      url: node.url,
      deployer,
      tenant: 'greenfields',
      approvalThreshold: 0,
      members: [...newcomers, { role: 'admin', account: tenant.accounts.admin }],
      adminDelaySeconds: 0,
    });
    const next = accessManagerAt(node, other.accessManager);
    const { admin } = tenant.keys;
    await next.send(admin, { name: 'revokeRole', args: [governanceRoleIds.revoker, newcomers[5]?.account] });
    const { registry } = tenant.deployed.anchor;
    await manager.send(admin, { name: 'updateAuthority', args: [registry, next.address] });
    return next;
  }

  test('is governed by the other’s members from then on, and by nobody else', async () => {
    const next = await replaceManager();
    const { admin, stranger } = tenant.keys;
    await manager.send(admin, { name: 'grantRole', args: [governanceRoleIds.registrar, stranger.account, 0] });
    await next.send(admin, { name: 'grantRole', args: [governanceRoleIds.approver, stranger.account, 0] });
    expect(await holdersOf('registrar')).toEqual([newcomers[3]?.account]);
    expect(await holdersOf('revoker')).toEqual([]);
    expect(await holdersOf('approver')).toEqual([newcomers[2]?.account, stranger.account]);
    const { governance } = await stateOf();
    for (const [role, members] of governance) {
      for (const account of members.keys()) {
        expect(await next.read('hasRole', [governanceRoleIds[role], account])).toMatchObject([true, expect.anything()]);
      }
    }
  });

  test('is followed from any block with the same events', async () => {
    const next = await replaceManager();
    const { admin, stranger } = tenant.keys;
    await next.send(admin, { name: 'grantRole', args: [governanceRoleIds.approver, stranger.account, 0] });
    const whole = await readBatchesOf(ledger);
    const events = whole.flatMap((batch) => batch.events);
    for (const { block } of whole) {
      const rest = await readEventsOf(ledger, block);
      expect([...events.filter(({ at }) => at.height <= block.height), ...rest]).toEqual(events);
    }
    const places = events.map(({ at }) => `${at.height}/${at.index}`);
    expect(new Set(places).size).toBe(places.length);
  });
});

describe('where a tenant begins', () => {
  test('is where reading may begin: nothing below is asked for, and nothing is missed', async () => {
    const proxy = await startNodeProxy(node);
    const { anchor, beginsAt } = tenant.deployed;
    const through = { ...anchor, finality: { ...anchor.finality, url: proxy.url } };
    const late = await openEvmLedger({ anchor: through, beginsAt: beginsAt.height });
    expect(await readEventsOf(late)).toEqual(await readEventsOf(ledger));
    const asked = proxy.seen.filter(({ method }) => method === 'eth_getLogs');
    const lowest = asked.map(({ params }) => BigInt((params[0] as { fromBlock: string }).fromBlock));
    expect(lowest.length).toBeGreaterThan(0);
    expect(lowest.every((height) => height >= beginsAt.height)).toBe(true);
    await late.close();
    await proxy.close();
  });
});
