import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resourceYaml } from '../cli/documents.ts';
import { runDewproof } from '../cli/run-dewproof.ts';
import { startAnvil, until, type DevNode } from '../support/nodes.ts';
import { startDaemon, type StartedDaemon } from './cli-start.ts';
import { createCliTenant, type CliTenant } from './cli-tenant.ts';

const VALUE = 'tractor-beam-7f3c9d';

interface EdgeStatus {
  readonly resources: readonly { readonly name: string; readonly state: string }[];
  readonly refusals: readonly { readonly code: string; readonly message: string }[];
}

/** `dewproof secret` against a real node, dew and edge, each a process of its own. */
describe('dewproof secret', () => {
  let node: DevNode;
  let tenant: CliTenant;
  let dew: StartedDaemon;
  let edge: StartedDaemon;

  const set = (input: string | Buffer, ...words: string[]) =>
    runDewproof(
      ['--home', tenant.homeOf('publisher'), 'secret', 'set', 'api-key', '--resource', 'barn-climate', ...words],
      {
        input,
      },
    );
  const statusOf = async () => (await tenant.json('edge', 'status')) as EdgeStatus;
  const isRunning = async () =>
    (await statusOf()).resources.some(({ name, state }) => name === 'barn-climate' && state === 'RUNNING');
  const patience = { withinMs: 120_000, everyMs: 300 };

  beforeAll(async () => {
    node = await startAnvil();
    tenant = await createCliTenant(node);
    const anchor = join(tenant.homeOf('second'), 'anchor.json');
    for (const kind of ['dew', 'edge']) {
      const words = ['init', '--kind', kind, '--group', 'barn-7', '--generate-password', '--anchor', anchor];
      const { account } = (await tenant.json(kind, ...words)) as { account: string };
      await tenant.json('publisher', 'device', 'enrol', account, '--kind', kind, '--group', 'barn-7');
    }
    dew = await startDaemon([
      '--home',
      tenant.homeOf('dew'),
      'dew',
      'start',
      '--port',
      '0',
      '--mqtt-port',
      '0',
      '--log-level',
      'trace',
    ]);
    tenant.setDews([dew.url]);
  });

  afterAll(async () => {
    await edge.stop('SIGKILL');
    await dew.stop('SIGKILL');
    tenant.remove();
    await node.kill();
  });

  test('from a document that names one to an edge that runs with it, and never in the open', async () => {
    const file = tenant.file('barn-climate.yaml', `${resourceYaml()}  secrets: [api-key]\n`);
    const applied = await tenant.run('publisher', 'apply', '-f', file);
    expect(applied.exitCode, applied.stderr).toBe(0);
    expect(applied.stderr).toContain('dewproof secret set api-key --resource barn-climate');
    for (const person of ['approver', 'second']) await tenant.json(person, 'approve', 'barn-climate', '--yes');
    const words = [
      'edge',
      'start',
      '--port',
      '0',
      '--mqtt-port',
      '0',
      '--dew',
      dew.url,
      '--hints',
      dew.mqttUrl,
      '--log-level',
      'trace',
    ];
    edge = await startDaemon(['--home', tenant.homeOf('edge'), ...words]);

    // Whoever has no grant of manage is told what to ask for, before anything leaves the machine.
    const unpermitted = await set(VALUE);
    expect(unpermitted).toMatchObject({ code: 'FORBIDDEN', exitCode: 77, stdout: '' });
    expect(unpermitted.stderr).toContain('dewproof policy grant --resource barn-climate');
    const account = tenant.account('publisher');
    const grant = ['--resource', 'barn-climate', '--account', account, '--actions', 'manage'];
    await tenant.json('publisher', 'policy', 'grant', ...grant);
    await until(async () => {
      const { refusals } = await statusOf();
      return refusals.some(({ code, message }) => code === 'SECRET_MISSING' && message.includes('api-key'));
    }, patience);
    expect(await isRunning()).toBe(false);

    const done = await until(async () => {
      const run = await set(`${VALUE}\n`, '-o', 'json');
      return run.exitCode === 0 && run;
    }, patience);
    expect(JSON.parse(done.stdout)).toMatchObject({ version: 1, sealed: [edge.account], lacking: [], dews: [dew.url] });
    expect(done.stderr).toContain('Sealed to 1 of 1 devices.');
    await until(isRunning, patience);

    const listed = (await tenant.json('publisher', 'secret', 'list')) as object[];
    expect(listed).toMatchObject([{ resource: 'barn-climate', name: 'api-key', version: 1, sealed: [edge.account] }]);
    expect((await tenant.run('publisher', 'secret', 'list')).stdout).toMatch(/barn-climate +api-key +1 +set +1\/1/);
    expect(await tenant.run('stranger', 'secret', 'list')).toMatchObject({ code: 'FORBIDDEN', exitCode: 77 });
    const again = await tenant.run('publisher', 'apply', '-f', file);
    expect(again.stderr).not.toContain('secret set');

    const fromFile = await set('', '--from-file', tenant.file('value', VALUE), '-o', 'json');
    expect(JSON.parse(fromFile.stdout)).toMatchObject({ version: 2 });
    const said = [applied, done, again, fromFile].map(({ stdout, stderr }) => stdout + stderr).join('');
    const status = JSON.stringify(await statusOf());
    expect(`${said}${dew.said()}${edge.said()}${status}`).not.toContain(VALUE);
    for (const home of ['dew', 'edge', 'publisher']) expect(filesOf(tenant.homeOf(home)), home).not.toContain(VALUE);
  });

  test.each<readonly [string, string | Buffer, readonly string[], string]>([
    ['nothing', '', [], 'SCHEMA'],
    ['a line end alone', '\n', [], 'SCHEMA'],
    ['too much', 'x'.repeat(16_385), [], 'SCHEMA'],
    ['no text', Buffer.from([0xff, 0xfe]), [], 'SCHEMA'],
    ['a file that is not there', 'x', ['--from-file', '/nonexistent/value'], 'USAGE'],
    ['another group', 'x', ['--group', 'barn-8'], 'USAGE'],
    ['an old version', 'x', ['--as-version', '1'], 'VERSION_NOT_NEWER'],
  ])('is refused with %s', async (_, input, words, code) => {
    expect(await set(input, ...words)).toMatchObject({ code, stdout: '' });
  });

  test('takes no value from the command line', async () => {
    expect(await set('x', VALUE)).toMatchObject({ code: 'USAGE', exitCode: 64 });
  });

  test('remove withdraws it, and says so where there is none', async () => {
    const words = ['secret', 'remove', 'api-key', '--resource', 'barn-climate'];
    expect(await tenant.run('publisher', ...words)).toMatchObject({ code: 'USAGE', exitCode: 64 });
    expect(await tenant.json('publisher', ...words, '--yes')).toMatchObject({ version: 3, status: 'removed' });
    expect(await tenant.run('publisher', ...words, '--yes')).toMatchObject({ code: 'NOT_FOUND' });
    expect((await tenant.run('publisher', 'secret', 'list')).stdout).toMatch(/barn-climate +api-key +3 +removed/);
  });
});

function filesOf(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  return files.map((file) => readFileSync(join(file.parentPath, file.name), 'latin1')).join('\n');
}
