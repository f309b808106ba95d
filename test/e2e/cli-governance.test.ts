import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { NEVER } from '../../core/policy.ts';
import { resourceYaml } from '../cli/documents.ts';
import { startAnvil, type DevNode } from '../support/nodes.ts';
import { spawnDewproof } from './cli-start.ts';
import { createCliTenant, type CliTenant } from './cli-tenant.ts';

const DEVICE = `0x${'5e'.repeat(20)}`;

/** Every command that speaks with the ledger alone, as real processes against a real node. */
describe('dewproof and the ledger', () => {
  let node: DevNode;
  let tenant: CliTenant;

  beforeAll(async () => {
    node = await startAnvil();
    tenant = await createCliTenant(node);
  });

  afterAll(async () => {
    tenant.remove();
    await node.kill();
  });

  test('tenant create gave each the roles that were named, and nobody else any', async () => {
    const rows = (await tenant.json('stranger', 'get', 'governance')) as { role: string; account: string }[];
    const rolesOf = (account: string) =>
      rows
        .filter((row) => row.account === account)
        .map(({ role }) => role)
        .toSorted();
    expect(rolesOf(tenant.account('publisher'))).toEqual(['policy-admin', 'publisher', 'registrar', 'revoker']);
    expect(rolesOf(tenant.account('approver'))).toEqual(['admin', 'approver']);
    expect(rolesOf(tenant.account('second'))).toEqual(['approver', 'guardian']);
    expect(rows).toHaveLength(8);
  });

  test('device: enrol, repeat, move, suspend, resume, retire', async () => {
    const enrol = ['device', 'enrol', DEVICE, '--group', 'barn-7'];
    expect(await tenant.json('publisher', ...enrol)).toMatchObject({ change: 'enrolled', kind: 'edge' });
    expect(await tenant.json('publisher', ...enrol)).toMatchObject({ change: 'unchanged' });
    const otherwise = await tenant.run('publisher', 'device', 'enrol', DEVICE, '--group', 'barn-8');
    expect(otherwise).toMatchObject({ code: 'ALREADY_ENROLLED', exitCode: 77 });
    await tenant.json('publisher', 'device', 'move', DEVICE, '--group', 'barn-8');
    const status = async () => {
      const [row] = (await tenant.json('publisher', 'get', 'devices', DEVICE)) as {
        status: string;
        groupName: string;
      }[];
      return `${row?.status ?? ''} in ${row?.groupName ?? ''}`;
    };
    expect(await status()).toBe('active in barn-8');
    await tenant.json('publisher', 'device', 'suspend', DEVICE, '--yes');
    expect(await status()).toBe('suspended in barn-8');
    await tenant.json('publisher', 'device', 'resume', DEVICE);
    await tenant.json('publisher', 'device', 'retire', DEVICE, '--yes');
    expect(await status()).toBe('retired in barn-8');
    expect(await tenant.json('publisher', 'describe', 'device', DEVICE)).toMatchObject({
      status: 'retired',
      grants: [],
    });
    const history = (await tenant.json('stranger', 'history', DEVICE)) as { type: string; time: string }[];
    expect(history.map(({ type }) => type)).toEqual([
      'device-enrolled',
      'device-group-changed',
      'device-status-changed',
      'device-status-changed',
      'device-status-changed',
    ]);
    expect(history[0]?.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  test('policy and role: granted, checked, ended', async () => {
    const check = (...who: string[]) =>
      tenant.run('stranger', 'policy', 'check', '--resource', 'climate', ...who, '--actions', 'read', '-o', 'json');
    expect(await check('--anyone')).toMatchObject({ exitCode: 77 });
    expect(JSON.parse((await check('--account', DEVICE)).stdout)).toMatchObject([
      { verdict: 'refused', code: 'FORBIDDEN' },
    ]);

    const grower = ['--resource', 'climate', '--role', 'grower'];
    await tenant.json('publisher', 'policy', 'grant', ...grower, '--actions', 'read,write', '--expires', '30d');
    expect(await check('--account', DEVICE)).toMatchObject({ exitCode: 77 });
    await tenant.json('publisher', 'role', 'set', 'grower', DEVICE, '--expires', '1h');
    expect(await check('--account', DEVICE)).toMatchObject({ exitCode: 0 });
    expect(await check('--anyone')).toMatchObject({ exitCode: 77 });

    const [grant] = (await tenant.json('publisher', 'get', 'grants', 'climate')) as Record<string, unknown>[];
    expect(grant).toMatchObject({
      subjectName: 'role/grower',
      actions: ['read', 'write'],
      offline: false,
      expired: false,
    });
    const [member] = (await tenant.json('publisher', 'get', 'roles', 'grower')) as Record<string, unknown>[];
    expect(member).toMatchObject({ account: DEVICE, roleName: 'grower' });

    await tenant.json('publisher', 'role', 'remove', 'grower', DEVICE, '--yes');
    expect(await check('--account', DEVICE)).toMatchObject({ exitCode: 77 });
    await tenant.json('publisher', 'policy', 'revoke', ...grower, '--yes');
    expect(await tenant.run('publisher', 'policy', 'revoke', ...grower, '--yes')).toMatchObject({
      code: 'NO_GRANT',
      exitCode: 77,
    });
  });

  test('a grant without end says so, and JSON numbers lose nothing', async () => {
    const words = ['policy', 'grant', '--any-resource', '--anyone', '--actions', 'read', '--offline'];
    expect(await tenant.json('publisher', ...words)).toMatchObject({
      expires: 'never',
      offline: true,
      resource: 'any',
    });
    const { stdout } = await tenant.run('publisher', 'get', 'grants', '-o', 'json');
    expect(stdout).not.toContain(NEVER.toString());
    expect(JSON.parse(stdout)).toMatchObject([{ resourceName: 'any', subjectName: 'anyone', expires: 'never' }]);
  });

  test('what the ledger refuses is refused with its code', async () => {
    const grant = ['policy', 'grant', '--any-resource', '--anyone', '--actions', 'write'];
    expect(await tenant.run('stranger', ...grant)).toMatchObject({ code: 'NOT_PERMITTED', exitCode: 77, stdout: '' });
    const past = await tenant.run('publisher', ...grant, '--expires', '2001-01-01');
    expect(past).toMatchObject({ code: 'INVALID_GRANT', exitCode: 77 });
    const unknown = await tenant.run('publisher', 'role', 'remove', 'grower', DEVICE, '--yes');
    expect(unknown).toMatchObject({ code: 'NO_MEMBER', exitCode: 77 });
    expect(await tenant.run('stranger', 'get', 'resources', 'nothing')).toMatchObject({
      code: 'NOT_FOUND',
      exitCode: 1,
    });
  });

  test('a proposal that the ledger refuses leaves no document behind', async () => {
    const file = tenant.file('refused.yaml', resourceYaml({ name: 'refused' }));
    expect(await tenant.run('stranger', 'apply', '-f', file)).toMatchObject({ code: 'NOT_PERMITTED', exitCode: 77 });
    const kept = readdirSync(join(tenant.homeOf('stranger'), 'documents'), { recursive: true, encoding: 'utf8' });
    expect(kept.filter((name) => name.endsWith('.json'))).toEqual([]);
  });

  test('an anchor of another chain is refused', async () => {
    const file = join(tenant.homeOf('second'), 'anchor.json');
    const anchor = readFileSync(file, 'utf8');
    onTestFinished(() => {
      writeFileSync(file, anchor);
    });
    writeFileSync(file, JSON.stringify({ ...(JSON.parse(anchor) as object), genesis: `0x${'12'.repeat(32)}` }));
    expect(await tenant.run('second', 'get', 'resources')).toMatchObject({ code: 'WRONG_CHAIN', exitCode: 77 });
  });

  test('a reader that goes away does not end the command with an error', async () => {
    const child = spawnDewproof(['--home', tenant.homeOf('stranger'), 'get', 'governance']);
    child.stdout?.destroy();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
