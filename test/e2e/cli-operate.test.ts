import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openEvmGovernance } from '../../chain/evm/evm-governance.ts';
import { anchorSchema } from '../../core/state/anchor.ts';
import { resourceYaml } from '../cli/documents.ts';
import { parseMetrics } from '../faces/parse-metrics.ts';
import { askNode, devAccount, startAnvil, until, type DevNode } from '../support/nodes.ts';
import { spawnDewproof, startDaemon, type StartedDaemon } from './cli-start.ts';
import { createCliTenant, type CliTenant } from './cli-tenant.ts';

const DAY = 86_400;
const SOMEBODY = `0x${'5e'.repeat(20)}`;

interface Operation {
  readonly id: string;
  readonly what: string;
  readonly by: string;
  readonly state: string;
}

/** What an operator does with a site, with real processes against a real node. */
describe('operating', () => {
  let node: DevNode;
  let tenant: CliTenant;
  let dew: StartedDaemon;

  beforeAll(async () => {
    node = await startAnvil();
    tenant = await createCliTenant(node);
    const anchor = join(tenant.homeOf('second'), 'anchor.json');
    const words = ['init', '--kind', 'dew', '--group', 'barn-7', '--generate-password', '--anchor', anchor];
    const { account } = (await tenant.json('dew', ...words)) as { account: string };
    await tenant.json('publisher', 'device', 'enrol', account, '--kind', 'dew', '--group', 'barn-7');
    const ports = ['--port', '0', '--mqtt-port', '0', '--metrics-port', '0'];
    dew = await startDaemon(['--home', tenant.homeOf('dew'), 'dew', 'start', ...ports]);
    tenant.setDews([dew.url]);
  });

  afterAll(async () => {
    await dew.stop('SIGKILL');
    tenant.remove();
    await node.kill();
  });

  test('diff: new, the same, another; what apply refuses; nothing is done', async () => {
    const file = tenant.file('climate.yaml', resourceYaml({ name: 'climate' }));
    const created = await tenant.run('publisher', 'diff', '-f', file);
    expect(created).toMatchObject({ exitCode: 2, stderr: '' });
    expect(created.stdout).toMatch(
      /^--- \/dev\/null\n\+\+\+ VirtualResource\/climate version 1\n@@ -0,0 \+1,\d+ @@\n\+apiVersion/,
    );
    expect(created.stdout).not.toContain('salt');
    expect(await tenant.json('publisher', 'get', 'resources')).toEqual([]);
    await tenant.json('publisher', 'apply', '-f', file);
    expect(await tenant.run('publisher', 'diff', '-f', file)).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
    const changed = resourceYaml({ name: 'climate' }).replace('barn/temperature', 'barn/warmth');
    tenant.file('climate.yaml', changed);
    // Another person's home keeps no copy: the document comes from the dew, by its digest.
    for (const person of ['publisher', 'approver']) {
      const { exitCode, stdout } = await tenant.run(person, 'diff', '-f', file);
      expect([person, exitCode]).toEqual([person, 2]);
      expect(stdout).toContain(
        '--- VirtualResource/climate version 1 (proposed)\n+++ VirtualResource/climate version 2\n',
      );
      expect(stdout).toMatch(/^-.*topic: barn\/temperature$/m);
      expect(stdout).toMatch(/^\+.*topic: barn\/warmth$/m);
      expect(stdout).toMatch(/^-.*version: 1$/m);
    }
    const { stdout: data } = await tenant.run('approver', 'diff', '-f', file, '-o', 'json');
    expect(JSON.parse(data)).toEqual([
      {
        kind: 'VirtualResource',
        name: 'climate',
        differs: true,
        from: { version: 1, standing: 'proposed' },
        to: { version: 2 },
        fields: [
          { path: '/spec/inputs/0/mqtt/topic', from: 'barn/temperature', to: 'barn/warmth' },
          { path: '/spec/version', from: 1, to: 2 },
        ],
      },
    ]);
    expect(await tenant.run('stranger', 'diff', '-f', file)).toMatchObject({ code: 'NOT_ENROLLED', exitCode: 77 });
    tenant.file('climate.yaml', changed.replace('spec:\n', 'spec:\n  exclusive: true\n'));
    expect(await tenant.run('publisher', 'diff', '-f', file)).toMatchObject({
      code: 'UNSUPPORTED',
      exitCode: 1,
      stdout: '',
    });
    tenant.file('climate.yaml', changed.replace('spec:\n', 'spec:\n  version: 1\n'));
    expect(await tenant.run('publisher', 'diff', '-f', file)).toMatchObject({
      code: 'VERSION_NOT_NEWER',
      exitCode: 77,
    });
  });

  test('governance: an admin schedules and executes, the guardian cancels, nobody is locked out', async () => {
    const { account: newAdmin } = devAccount(4);
    const admin = 'admin';
    // The tenant's own admin has no delay: it appoints one who has.
    expect(await tenant.run('approver', 'governance', 'schedule', 'grant', 'admin', newAdmin)).toMatchObject({
      code: 'NOT_PERMITTED',
      exitCode: 77,
    });
    await tenant.json('approver', 'governance', 'schedule', 'grant', 'admin', newAdmin, '--delay', '1d', '--now');
    await makeHome(admin, 4);

    const grant = ['governance', 'schedule', 'grant', 'publisher', SOMEBODY];
    const scheduled = (await tenant.json(admin, ...grant)) as { operations: Operation[] };
    expect(scheduled.operations).toMatchObject([
      { what: `make ${SOMEBODY} a member of publisher`, by: newAdmin, state: 'waiting' },
    ]);
    const [{ id } = { id: '' }] = scheduled.operations;
    const table = (await tenant.run('second', 'governance', 'list')).stdout;
    expect(table).toContain(id.slice(0, 18));
    expect(table).toMatch(/ID +STATE +READY +EXPIRES +BY +WHAT/);
    expect(await tenant.run(admin, 'governance', 'execute', id.slice(0, 12))).toMatchObject({ code: 'NOT_PERMITTED' });
    expect(await tenant.run('stranger', 'governance', 'cancel', id, '--yes')).toMatchObject({ code: 'NOT_PERMITTED' });
    const cancel = ['governance', 'cancel', id.slice(0, 12)];
    expect(await tenant.run('second', ...cancel)).toMatchObject({ code: 'USAGE', exitCode: 64 });
    expect(await tenant.json('second', 'governance', 'list')).toMatchObject([{ id }]);
    await tenant.json('second', ...cancel, '--yes');
    expect(await tenant.json('second', 'governance', 'list')).toEqual([]);

    await tenant.json(admin, ...grant);
    const threshold = (await tenant.json(admin, 'governance', 'schedule', 'threshold', '1')) as {
      operations: Operation[];
    };
    await askNode(node, { method: 'evm_increaseTime', params: [DAY] });
    await askNode(node, { method: 'evm_mine' });
    const ready = (await tenant.json(admin, 'governance', 'list')) as Operation[];
    expect(ready.map(({ state, what }) => [state, what])).toEqual([
      ['ready', `make ${SOMEBODY} a member of publisher`],
      ['ready', 'have 1 approvals activate a version'],
    ]);
    expect(ready.map((one) => one.id)).toContain(threshold.operations[0]?.id);
    await tenant.json(admin, 'governance', 'execute', ...ready.map((one) => one.id));
    const members = (await tenant.json('stranger', 'get', 'governance')) as { role: string; account: string }[];
    expect(members).toContainEqual(expect.objectContaining({ role: 'publisher', account: SOMEBODY }));

    const guardian = tenant.account('second');
    expect(await tenant.run(admin, 'governance', 'schedule', 'revoke', 'guardian', guardian)).toMatchObject({
      code: 'CONFIG',
      exitCode: 78,
    });
    const hasty = ['governance', 'schedule', 'grant', 'admin', SOMEBODY, '--delay', '1h'];
    expect(await tenant.run(admin, ...hasty)).toMatchObject({ code: 'CONFIG' });
    expect(await tenant.run('stranger', ...grant)).toMatchObject({ code: 'NOT_PERMITTED' });
    expect(await tenant.run(admin, 'governance', 'execute', '0x12345678')).toMatchObject({ code: 'NOT_FOUND' });
    expect(await tenant.run(admin, 'governance', 'execute', 'x')).toMatchObject({ exitCode: 64 });
  });

  async function makeHome(name: string, index: number): Promise<void> {
    const { createKeystore } = await import('../../chain/evm/keystore.ts');
    const folder = tenant.homeOf(name);
    mkdirSync(folder);
    const { json } = await createKeystore({ password: 'right', privateKey: devAccount(index).privateKey });
    writeFileSync(join(folder, 'keystore.json'), json, { mode: 0o600 });
    writeFileSync(join(folder, 'password'), 'right\n', { mode: 0o600 });
    writeFileSync(join(folder, 'config.yaml'), 'apiVersion: dewproof/v1\nkind: Home\nrole: user\n');
    writeFileSync(join(folder, 'anchor.json'), readFileSync(join(tenant.homeOf('second'), 'anchor.json')));
    const anchor = anchorSchema.parse(JSON.parse(readFileSync(join(folder, 'anchor.json'), 'utf8')));
    const governance = openEvmGovernance({ anchor, signer: devAccount(index) });
    onTestFinished(() => {
      governance.close();
    });
    expect(await governance.adminDelay()).toBe(DAY);
  }

  test('metrics: on a port of their own, as Prometheus reads them', async () => {
    const { metricsUrl = '' } = dew as unknown as { metricsUrl?: string };
    const text = await (await fetch(metricsUrl)).text();
    expect(parseMetrics(text).get('dewproof_build_info')?.samples).toMatchObject([{ labels: { daemon: 'dew' } }]);
    expect((await fetch(`${dew.url}/metrics`)).status).toBe(401);
    expect((await fetch(`${dew.url}/openapi.json`)).status).toBe(200);
    const lost = await tenant.run('dew', 'dew', 'start', '--metrics-host', '0.0.0.0');
    expect(lost).toMatchObject({ code: 'USAGE', exitCode: 64 });
  });

  test('logs: what there is, then what comes; Ctrl-C ends it, and so does the daemon', async () => {
    expect(await tenant.run('stranger', 'logs')).toMatchObject({ code: 'DAEMON_UNAVAILABLE', exitCode: 69 });
    await node.kill();
    const problem = async () => {
      const { stdout } = await tenant.run('dew', 'logs', '--level', 'warn', '-o', 'json');
      return stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as { code?: string; msg: string })
        .at(-1);
    };
    const last = await until(problem, { withinMs: 120_000, everyMs: 300 });
    expect(last.code).toBe('LEDGER_UNAVAILABLE');
    const table = await tenant.run('dew', 'logs', '--since', '1h', '--lines', '1');
    expect(table.stdout).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z {2}WARN {3}- {2}.*code=LEDGER_UNAVAILABLE/);
    const nothing = await tenant.run('dew', 'logs', 'climate');
    expect(nothing).toMatchObject({ exitCode: 0, stdout: '' });
    expect(nothing.stderr).toContain('has nothing of climate');
    expect(await tenant.run('dew', 'logs', '--level', 'loud')).toMatchObject({ exitCode: 64 });

    const follow = async () => {
      const child = spawnDewproof(['--home', tenant.homeOf('dew'), 'logs', '-f']);
      if (!child.stdout) throw new TypeError('standard output must be a pipe');
      await once(createInterface({ input: child.stdout }), 'line');
      return child;
    };
    const first = await follow();
    first.kill('SIGINT');
    expect(await once(first, 'exit')).toEqual([0, null]);

    const second = await follow();
    let said = '';
    second.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const ended = once(second, 'exit');
    expect(await dew.stop('SIGTERM')).toBe(0);
    expect(await ended).toEqual([0, null]);
    expect(said).toBe('The daemon ended its log.\n');
  });
});
