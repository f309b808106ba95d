import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resourceYaml } from '../cli/documents.ts';
import { startAnvil, until, type DevNode } from '../support/nodes.ts';
import { startDaemon, type StartedDaemon } from './cli-start.ts';
import { createCliTenant, type CliTenant } from './cli-tenant.ts';

const NAME = 'barn-climate';

interface EdgeStatus {
  readonly resources: readonly {
    readonly version: number | null;
    readonly state: string;
    readonly rollout: { readonly fallback: number | null; readonly stance: string } | null;
  }[];
}

interface RolloutStatus {
  readonly phase: string;
  readonly standing: string;
  readonly failures: object;
  readonly devices: readonly { readonly account: string; readonly canary: boolean; readonly state: string }[];
}

/** `dewproof apply --canary` and `dewproof rollout` as their user runs them: a node, a dew and two edges, all processes. */
describe('a staged rollout on the command line', () => {
  let node: DevNode;
  let tenant: CliTenant;
  let dew: StartedDaemon;
  const edges = new Map<string, StartedDaemon>();

  const start = (home: string, ...words: string[]) =>
    startDaemon(['--home', tenant.homeOf(home), ...words, '--port', '0', '--mqtt-port', '0']);
  const file = (retention: string) =>
    tenant.file(`${NAME}.yaml`, `${resourceYaml()}  replicas: {max: 2}\n  store: {retention: ${retention}}\n`);
  const publisher = (...words: string[]) => tenant.run('publisher', ...words);
  const rollout = (...words: string[]) => tenant.json('publisher', 'rollout', ...words);
  const status = async () => (await rollout('status', NAME)) as RolloutStatus;

  async function approve(): Promise<void> {
    for (const person of ['approver', 'second']) await tenant.json(person, 'approve', NAME, '--yes');
  }

  async function resourceOn(home: string): Promise<EdgeStatus['resources'][number] | undefined> {
    const [resource] = ((await tenant.json(home, 'status')) as EdgeStatus).resources;
    return resource?.state === 'RUNNING' ? resource : undefined;
  }

  /** Waits until these versions run, each on one edge. */
  async function untilRunning(...versions: number[]): Promise<void> {
    const running = async () => {
      const found = await Promise.all([...edges.keys()].map(resourceOn));
      const sorted = found.map((resource) => resource?.version ?? 0).toSorted((a, b) => a - b);
      return JSON.stringify(sorted) === JSON.stringify(versions);
    };
    await until(running, { withinMs: 120_000, everyMs: 300 });
  }

  beforeAll(async () => {
    node = await startAnvil();
    tenant = await createCliTenant(node);
    const anchor = join(tenant.homeOf('second'), 'anchor.json');
    for (const home of ['dew', 'edge', 'other']) {
      const kind = home === 'dew' ? 'dew' : 'edge';
      const words = ['init', '--kind', kind, '--group', 'barn-7', '--generate-password', '--anchor', anchor];
      const { account } = (await tenant.json(home, ...words)) as { account: string };
      await tenant.json('publisher', 'device', 'enrol', account, '--kind', kind, '--group', 'barn-7');
    }
    dew = await start('dew', 'dew', 'start');
    tenant.setDews([dew.url]);
    await tenant.json('publisher', 'apply', '-f', file('1h'));
    await approve();
    for (const home of ['edge', 'other']) {
      edges.set(home, await start(home, 'edge', 'start', '--dew', dew.url, '--hints', dew.mqttUrl));
    }
    await untilRunning(1, 1);
  });

  afterAll(async () => {
    for (const edge of edges.values()) await edge.stop('SIGKILL');
    await dew.stop('SIGKILL');
    tenant.remove();
    await node.kill();
  });

  test('without a grant to manage nothing is proposed, and with one the canary alone tries it', async () => {
    const words = ['apply', '-f', file('2h'), '--canary', '50%', '--error-threshold', '2'];
    expect(await publisher('apply', '-f', file('2h'), '--error-threshold', '2')).toMatchObject({ exitCode: 64 });
    const refused = await publisher(...words);
    expect(refused).toMatchObject({ code: 'FORBIDDEN', exitCode: 77 });
    expect(refused.stderr).toContain('dewproof policy grant');
    expect(await tenant.json('publisher', 'get', 'proposals')).toEqual([]);

    const account = tenant.account('publisher');
    await tenant.json('publisher', 'policy', 'grant', '--resource', NAME, '--account', account, '--actions', 'manage');
    const applied = await publisher(...words);
    expect(applied.exitCode).toBe(0);
    expect(applied.stderr).toMatch(/barn-climate: 1 of 2 devices try it first, 0x/);
    expect(applied.stderr).toContain('the error threshold is 1');
    expect(await status()).toMatchObject({ phase: 'canary', standing: 'pending' });
    await approve();
    await untilRunning(1, 2);
    const resources = await Promise.all([...edges.keys()].map(resourceOn));
    const canary = resources.find((resource) => resource?.version === 2);
    expect(canary?.rollout).toMatchObject({ fallback: 1, stance: 'try' });
    expect(resources.find((resource) => resource?.version === 1)?.rollout).toMatchObject({ stance: 'hold' });
    await until(async () => (await status()).devices.every(({ state }) => state !== 'unknown'), { withinMs: 120_000 });
    const { devices, ...rest } = await status();
    expect(rest).toMatchObject({ phase: 'canary', standing: 'under way', failures: {} });
    expect(devices.map(({ canary: is, state }) => `${is} ${state}`).toSorted()).toEqual(['false held', 'true running']);
    const text = (await publisher('rollout', 'status', NAME)).stdout;
    expect(text).toMatch(/rollout +barn-climate from version 1 to 2: canary, under way/);
    expect(text).toMatch(/0x[0-9a-f]{40} +yes +running +2 /);
  });

  test('promoted, all run it; then it can not be aborted any more', async () => {
    expect(await tenant.run('stranger', 'rollout', 'promote', NAME)).toMatchObject({ code: 'FORBIDDEN', exitCode: 77 });
    expect(await rollout('promote', NAME)).toMatchObject({ phase: 'promoted', from: 1, to: 2 });
    await untilRunning(2, 2);
    expect(await publisher('rollout', 'abort', NAME, '--yes')).toMatchObject({ code: 'CONFLICT' });
  });

  test('aborted, the canary goes back, and the old document as a newer version ends it', async () => {
    expect((await publisher('apply', '-f', file('3h'), '--canary', '1')).exitCode).toBe(0);
    await approve();
    await untilRunning(2, 3);
    expect(await publisher('rollout', 'abort', NAME)).toMatchObject({ code: 'USAGE', exitCode: 64 });
    expect(await status()).toMatchObject({ phase: 'canary', standing: 'under way' });
    const aborted = await publisher('rollout', 'abort', NAME, '--yes');
    expect(aborted.stderr).toContain('dewproof apply -f FILE');
    await untilRunning(2, 2);
    expect((await publisher('apply', '-f', file('2h'))).exitCode).toBe(0);
    await approve();
    await untilRunning(4, 4);
    expect(await status()).toMatchObject({ phase: 'aborted', standing: 'over' });
  });
});
