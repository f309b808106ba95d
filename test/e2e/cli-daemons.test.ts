import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resourceYaml } from '../cli/documents.ts';
import { runDewproof } from '../cli/run-dewproof.ts';
import { askNode, startAnvil, until, type DevNode } from '../support/nodes.ts';
import { startDaemon, type StartedDaemon } from './cli-start.ts';
import { createCliTenant, type CliTenant } from './cli-tenant.ts';

const VIEW = '/v1/resources/greenfields/barn-climate/views/now';

interface EdgeStatus {
  readonly head: { readonly ageSeconds: number } | null;
  readonly resources: readonly { readonly name: string; readonly state: string }[];
}

/** `dewproof dew start` and `edge start` as processes: how they begin, answer, end, and begin again with nothing in reach. */
describe('daemons', () => {
  let node: DevNode;
  let tenant: CliTenant;
  let dew: StartedDaemon;
  let edge: StartedDaemon;

  const start = (home: string, ...words: string[]) =>
    startDaemon(['--home', tenant.homeOf(home), ...words, '--port', '0', '--mqtt-port', '0']);
  const isRunning = async () => {
    const { resources } = (await tenant.json('edge', 'status')) as EdgeStatus;
    return resources.some(({ name, state }) => name === 'barn-climate' && state === 'RUNNING');
  };

  beforeAll(async () => {
    node = await startAnvil();
    tenant = await createCliTenant(node);
    const anchor = join(tenant.homeOf('second'), 'anchor.json');
    for (const kind of ['dew', 'edge']) {
      const words = ['init', '--kind', kind, '--group', 'barn-7', '--generate-password', '--anchor', anchor];
      const { account } = (await tenant.json(kind, ...words)) as { account: string };
      await tenant.json(
        'publisher',
        'device',
        'enrol',
        account,
        '--kind',
        kind,
        '--group',
        'barn-7',
        ...profileOf(kind),
      );
    }
    dew = await start('dew', 'dew', 'start', '--anchor-receipts', '--anchor-after', '1s');
    tenant.setDews([dew.url]);
    const file = tenant.file('barn-climate.yaml', resourceYaml());
    // The profile was proposed before there was a dew to hand it to.
    await tenant.json('publisher', 'apply', '-f', file, '-f', join(tenant.folder, 'profile.yaml'));
    for (const person of ['approver', 'second']) await tenant.json(person, 'approve', 'barn-climate', '--yes');
    edge = await start('edge', 'edge', 'start', '--dew', dew.url);
    await until(isRunning, { withinMs: 120_000, everyMs: 300 });
  });

  afterAll(async () => {
    await edge.stop('SIGKILL');
    await dew.stop('SIGKILL');
    tenant.remove();
    await node.kill();
  });

  function profileOf(kind: string): readonly string[] {
    if (kind !== 'edge') return [];
    const content = `apiVersion: dewproof/v1\nkind: DeviceProfile\nmetadata: {tenant: greenfields, name: barn-edge}\nspec: {capacity: {resources: 4}}\n`;
    return ['--profile', tenant.file('profile.yaml', content)];
  }

  async function publish(temperature: number): Promise<void> {
    const sensor = await mqtt.connectAsync(edge.mqttUrl);
    await sensor.publishAsync('barn/temperature', String(temperature), { qos: 1 });
    await sensor.endAsync();
  }

  test('status shows how old what they know is, for people and for programs', async () => {
    const { head } = (await tenant.json('edge', 'status')) as EdgeStatus;
    expect(head?.ageSeconds).toBeGreaterThanOrEqual(0);
    expect((await tenant.run('edge', 'status')).stdout).toMatch(/barn-climate +RUNNING[^]*/);
    expect((await tenant.run('edge', 'status')).stdout).toMatch(/block \d+, \d+ s old/);
    expect((await tenant.run('dew', 'status')).stdout).toMatch(/block \d+, \d+ s old/);
    expect((await tenant.run('dew', 'status')).stdout).toMatch(new RegExp(`${edge.account} +barn-climate`));
  });

  test('call: deny by default, a grant lets a signed call in, and what is not signed stays out', async () => {
    await publish(21.5);
    const url = `${edge.url}${VIEW}`;
    expect(await tenant.run('stranger', 'call', url)).toMatchObject({ code: 'FORBIDDEN', exitCode: 77, stdout: '' });
    const stranger = tenant.account('stranger');
    await tenant.json(
      'publisher',
      'policy',
      'grant',
      '--resource',
      'barn-climate',
      '--account',
      stranger,
      '--actions',
      'read',
    );
    const answer = await until(
      async () => {
        const { exitCode, stdout } = await tenant.run('stranger', 'call', url);
        return exitCode === 0 && stdout;
      },
      { withinMs: 120_000, everyMs: 300 },
    );
    expect(JSON.stringify(JSON.parse(answer))).toContain('21.5');
    expect(await tenant.run('stranger', 'call', '--anonymous', url)).toMatchObject({
      code: 'UNAUTHENTICATED',
      exitCode: 77,
    });
    expect(await tenant.run('publisher', 'call', url)).toMatchObject({ code: 'FORBIDDEN', exitCode: 77 });
  });

  test('verify --device answers what the device would', async () => {
    const verify = (...words: string[]) => tenant.run('publisher', 'verify', 'barn-climate', ...words);
    expect(await verify('--device', edge.account)).toMatchObject({ exitCode: 0 });
    const other = await verify('--device', tenant.account('stranger'));
    expect(other.exitCode).toBe(77);
    expect(other.stdout).toContain('NOT_ENROLLED');
  });

  test('receipts tell where a version really ran, and a chain with gas anchors them once the dew can pay', async () => {
    const isTroubled = async () => (await tenant.run('dew', 'status')).stdout.includes('LEDGER_REJECTED');
    await until(isTroubled, { withinMs: 120_000, everyMs: 300 });
    const ran = async () => {
      const events = (await tenant.json('publisher', 'history', 'barn-climate')) as {
        type: string;
        what: string;
        block?: string;
      }[];
      return events.find(({ type }) => type === 'receipt');
    };
    expect(await ran()).toMatchObject({ what: 'started barn-climate 1; not anchored yet', who: edge.account });
    await askNode(node, { method: 'anvil_setBalance', params: [dew.account, '0xde0b6b3a7640000'] });
    await until(async () => (await ran())?.block !== undefined, { withinMs: 120_000, everyMs: 500 });
    expect((await ran())?.what).toMatch(/^started barn-climate 1; anchored in block \d+$/);
    expect((await tenant.run('publisher', 'get', 'receipts')).stdout).toMatch(/start +barn-climate +1 .*block \d+/);
    const { stdout: files } = await tenant.run('publisher', 'get', 'receipts', 'barn-climate', '-o', 'json');
    const verified = await runDewproof(['--home', tenant.homeOf('publisher'), 'verify', '--receipt', '-'], {
      input: files,
    });
    expect(verified).toMatchObject({ exitCode: 0 });
    expect(verified.stdout).toMatch(/verified .*in block \d+/);
    expect(await tenant.run('stranger', 'get', 'receipts')).toMatchObject({ code: 'FORBIDDEN', exitCode: 77 });
    const told = await tenant.run('stranger', 'history', 'barn-climate');
    expect(told.exitCode).toBe(0);
    expect(told.stderr).toContain('where it really ran is not shown');
    for (const [word, hint] of [
      ['barn-climte', 'Did you mean barn-climate?'],
      [`0x${'ab'.repeat(20)}`, 'See `dewproof get devices`'],
    ] as const) {
      const nothing = await tenant.run('publisher', 'history', word);
      expect(nothing).toMatchObject({ code: 'NOT_FOUND', exitCode: 1, stdout: '' });
      expect(nothing.stderr).toContain(hint);
    }
  });

  test('doctor finds all well, and says what is not', async () => {
    const rows = (await tenant.json('edge', 'doctor')) as { check: string; verdict: string }[];
    expect(rows.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
    expect(rows.map(({ check }) => check)).toEqual(expect.arrayContaining(['ledger', 'clock', 'account', 'daemon']));
  });

  test('a second daemon on the same data is turned away', async () => {
    const words = ['edge', 'start', '--port', '0', '--mqtt-port', '0', '--log-level', 'silent'];
    expect(await tenant.run('edge', ...words)).toMatchObject({ code: 'STORE_LOCKED', exitCode: 75 });
  });

  test('SIGTERM ends it in order; then it starts cold, with neither chain nor dew, and serves what it verified', async () => {
    expect(await edge.stop('SIGTERM')).toBe(0);
    expect(await tenant.run('edge', 'status')).toMatchObject({ code: 'DAEMON_UNAVAILABLE', exitCode: 69 });
    expect(await dew.stop('SIGINT')).toBe(0);
    await node.kill();
    edge = await start('edge', 'edge', 'start', '--dew', dew.url);
    await until(isRunning, { withinMs: 120_000, everyMs: 300 });
    await publish(17.25);
    const url = `${edge.url}${VIEW}`;
    const { stdout } = await tenant.run('stranger', 'call', url);
    expect(stdout).toContain('17.25');
    expect(await tenant.run('publisher', 'call', url)).toMatchObject({ code: 'FORBIDDEN', exitCode: 77 });
    dew = await start('dew', 'dew', 'start');
    expect((await tenant.run('edge', 'doctor')).exitCode).toBe(1);
  });

  test('a second signal ends it at once', async () => {
    const { port } = new URL(edge.url);
    // A request that never ends is what an orderly end waits for; that before it is answered says that it has arrived.
    const slow = connect(Number(port), '127.0.0.1');
    slow.on('error', () => undefined);
    slow.write('GET /healthz HTTP/1.1\r\nHost: edge\r\n\r\nGET /healthz HTTP/1.1\r\n');
    await once(slow, 'data');
    const stopping = until(() => edge.said().includes('stopping'));
    edge.child.kill('SIGINT');
    await stopping;
    expect(await edge.stop('SIGINT')).toBe(130);
    slow.destroy();
  });
});
