import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { resourceYaml } from '../cli/documents.ts';
import { startAnvil, type DevNode } from '../support/nodes.ts';
import { startProxy, type Proxy } from './cli-proxy.ts';
import { spawnDewproof, startDaemon, type StartedDaemon } from './cli-start.ts';
import { createCliTenant, setNode, type CliTenant } from './cli-tenant.ts';

interface Applied {
  readonly name: string;
  readonly version: number;
  readonly digest: string;
  readonly change: string;
  readonly uploaded: readonly string[];
  readonly transactions: readonly string[];
}

interface Proposed {
  readonly name: string;
  readonly digest: string;
  readonly version: string;
}

/** Publishing and approving with a real node and a real dew, over a network that loses things. */
describe('dewproof apply, approve, verify', () => {
  let node: DevNode;
  let tenant: CliTenant;
  let dew: StartedDaemon;
  let chainProxy: Proxy;
  let dewProxy: Proxy;

  beforeAll(async () => {
    node = await startAnvil();
    chainProxy = await startProxy(node.url);
    tenant = await createCliTenant(node);
    setNode(tenant.homeOf('publisher'), chainProxy.url);
    dew = await startDew();
    dewProxy = await startProxy(dew.url);
    tenant.setDews([dew.url]);
  });

  afterAll(async () => {
    await dew.stop();
    await dewProxy.close();
    await chainProxy.close();
    tenant.remove();
    await node.kill();
  });

  afterEach(() => {
    chainProxy.decide(() => 'pass');
  });

  async function startDew(): Promise<StartedDaemon> {
    const home = tenant.homeOf('dew');
    const words = ['init', '--kind', 'dew', '--group', 'barn-7', '--generate-password'];
    const anchor = join(tenant.homeOf('second'), 'anchor.json');
    const { account } = (await tenant.json('dew', ...words, '--anchor', anchor)) as { account: string };
    await tenant.json('publisher', 'device', 'enrol', account, '--kind', 'dew', '--group', 'barn-7');
    return startDaemon(['--home', home, 'dew', 'start', '--port', '0', '--mqtt-port', '0', '--log-level', 'silent']);
  }

  const apply = async (...files: string[]) =>
    (await tenant.json('publisher', 'apply', ...files.flatMap((file) => ['-f', file]))) as Applied[];
  const proposals = async (name: string) => {
    const rows = (await tenant.json('second', 'get', 'proposals')) as Proposed[];
    return rows.filter((row) => row.name === name);
  };
  const write = (name: string, fields: Parameters<typeof resourceYaml>[0] = {}) =>
    tenant.file(`${name}.yaml`, resourceYaml({ name, ...fields }));
  const sealedFile = (applied: Applied | undefined) => {
    const { name = '', version = 0, digest = '' } = applied ?? {};
    return join(
      tenant.homeOf('publisher'),
      `documents/greenfields/resources/${name}/${version}-${digest.slice(7)}.json`,
    );
  };
  const activate = async (...names: string[]) => {
    for (const person of ['approver', 'second']) await tenant.json(person, 'approve', ...names, '--yes');
  };

  test('several files are one transaction; repeated, nothing changes; changed, there is a new version', async () => {
    const files = [write('batch-a'), write('batch-b', { requires: ['batch-a'] })];
    expect(await tenant.run('publisher', 'apply', '-f', ...files, '--dry-run')).toMatchObject({ exitCode: 2 });
    const first = await apply(...files);
    expect(first.map(({ change, version }) => ({ change, version }))).toEqual([
      { change: 'proposed', version: 1 },
      { change: 'proposed', version: 1 },
    ]);
    expect(new Set(first.flatMap(({ transactions }) => transactions)).size).toBe(1);
    expect(first.map(({ uploaded }) => uploaded)).toEqual([[dew.url], [dew.url]]);
    const again = await apply(...files);
    expect(again.map(({ change }) => change)).toEqual(['unchanged', 'unchanged']);
    expect(again.map(({ digest }) => digest)).toEqual(first.map(({ digest }) => digest));
    expect(await tenant.run('publisher', 'apply', '-f', ...files, '--dry-run')).toMatchObject({ exitCode: 0 });
    await activate('batch-a', 'batch-b');
    expect((await apply(...files)).map(({ change }) => change)).toEqual(['unchanged', 'unchanged']);
    write('batch-b');
    expect(await apply(...files)).toMatchObject([{ change: 'unchanged' }, { change: 'proposed', version: 2 }]);
  });

  test('another publisher, with nothing kept, finds what stands at the dew', async () => {
    const file = write('shared');
    const [first] = await apply(file);
    const planned = await tenant.run('second', 'apply', '-f', file, '--dry-run', '-o', 'json');
    expect(planned.exitCode).toBe(0);
    expect(JSON.parse(planned.stdout)).toMatchObject([{ change: 'unchanged', digest: first?.digest }]);
  });

  test.each(['lose-request', 'lose-answer'] as const)('Ctrl-C on a transaction (%s) loses nothing', async (fate) => {
    const name = `cut-${fate}`;
    const file = write(name);
    chainProxy.decide(({ body }) => (body.includes('eth_sendRawTransaction') ? fate : 'pass'));
    const child = spawnDewproof(['--home', tenant.homeOf('publisher'), 'apply', '-f', file]);
    await chainProxy.lost();
    child.kill('SIGINT');
    await once(child, 'exit');
    chainProxy.decide(() => 'pass');
    const kept = readdirSync(join(tenant.homeOf('publisher'), 'documents/greenfields/resources', name));
    const [after] = await apply(file);
    const [proposed, ...others] = await proposals(name);
    expect(others).toEqual([]);
    expect(after).toMatchObject({ version: 1, digest: proposed?.digest, uploaded: [dew.url] });
    expect(after?.change).toBe(fate === 'lose-answer' ? 'unchanged' : 'proposed');
    expect(kept).toEqual([`1-${after?.digest.slice(7) ?? ''}.json`]);
  });

  test('Ctrl-C on the upload loses nothing: repeated, it only uploads', async () => {
    const file = write('cut-upload');
    tenant.setDews([dewProxy.url]);
    dewProxy.decide(({ method }) => (method === 'PUT' ? 'lose-request' : 'pass'));
    const child = spawnDewproof(['--home', tenant.homeOf('publisher'), 'apply', '-f', file]);
    await dewProxy.lost();
    child.kill('SIGINT');
    await once(child, 'exit');
    tenant.setDews([dew.url]);
    const [after] = await apply(file);
    expect(after).toMatchObject({ change: 'unchanged', version: 1, uploaded: [dew.url] });
    expect(await proposals('cut-upload')).toMatchObject([{ digest: after?.digest }]);
  });

  test('a dew that is away: what was proposed is said, and uploaded the next time', async () => {
    const file = write('away');
    tenant.setDews(['http://127.0.0.1:9']);
    const run = await tenant.run('publisher', 'apply', '-f', file, '-o', 'json');
    expect(run).toMatchObject({ code: 'DEW_UNAVAILABLE', exitCode: 69 });
    expect(JSON.parse(run.stdout)).toMatchObject([{ change: 'proposed', uploaded: [] }]);
    tenant.setDews([dew.url]);
    expect(await apply(file)).toMatchObject([{ change: 'unchanged', uploaded: [dew.url] }]);
  });

  test('a circle through what stands on the ledger is refused before anything is proposed', async () => {
    await apply(write('ring-b', { requires: ['ring-a'] }));
    await activate('ring-b');
    const run = await tenant.run('publisher', 'apply', '-f', write('ring-a', { requires: ['ring-b'] }));
    expect(run).toMatchObject({ code: 'CYCLE', exitCode: 1 });
    expect(await proposals('ring-a')).toEqual([]);
  });

  test('approving: shows the digest, never the own proposal, never twice, active at the threshold', async () => {
    const [applied] = await apply(write('approved'));
    const own = await tenant.run('publisher', 'approve', 'approved', '--yes');
    expect(own.exitCode).toBe(77);
    const unasked = await tenant.run('approver', 'approve', 'approved');
    expect(unasked).toMatchObject({ code: 'USAGE', exitCode: 64, stdout: '' });
    expect(unasked.stderr).toContain(applied?.digest);
    const approve = ['approve', 'approved', '--yes'];
    expect(await tenant.json('approver', ...approve)).toMatchObject([{ change: 'approved', status: 'proposed' }]);
    expect(await tenant.json('approver', ...approve)).toMatchObject([{ change: 'unchanged', approvals: 1 }]);
    expect(await tenant.run('second', 'verify', 'approved')).toMatchObject({ exitCode: 77 });
    expect(await tenant.json('second', ...approve)).toMatchObject([{ change: 'approved', status: 'active' }]);
    expect(await tenant.json('second', 'verify', 'approved')).toMatchObject({ verdict: 'verified' });
  });

  test('a dew that hands out other bytes gets no approval', async () => {
    const [applied] = await apply(write('tampered'));
    const body = Buffer.from(readFileSync(sealedFile(applied), 'utf8').replace('barn/', 'farm/'));
    tenant.setDews([dewProxy.url]);
    dewProxy.decide(({ method, path }) =>
      method === 'GET' && path.startsWith('/v1/documents/') ? { status: 200, body } : 'pass',
    );
    expect(await tenant.run('approver', 'approve', 'tampered', '--yes')).toMatchObject({
      code: 'DIGEST_MISMATCH',
      exitCode: 77,
      stdout: '',
    });
    tenant.setDews([dew.url]);
    expect(await proposals('tampered')).toMatchObject([{ approvers: [] }]);
  });

  test('a script is shown to who approves it, and is part of what verify holds the dew to', async () => {
    const script = tenant.file('barn.js', 'export function view() {\n\treturn "\u202ehello";\n}\n');
    const yaml = tenant.file(
      'scripted.yaml',
      `apiVersion: dewproof/v1\nkind: VirtualResource\nmetadata: {tenant: greenfields, name: scripted}\n` +
        `spec: {group: barn-7, runtime: {kind: script, artifact: {file: barn.js}}, views: [{id: now, computed: true}]}\n`,
    );
    const [applied] = await apply(yaml);
    expect(applied).toMatchObject({ change: 'proposed', uploaded: [dew.url] });
    const document = readFileSync(sealedFile(applied));
    dewProxy.decide(({ path }) => ({
      status: 200,
      body: path.startsWith('/v1/documents/') ? document : Buffer.from('export function view() {}'),
    }));
    tenant.setDews([dewProxy.url]);
    const tampered = await tenant.run('approver', 'approve', 'scripted', '--yes');
    expect(tampered).toMatchObject({ code: 'DIGEST_MISMATCH', exitCode: 77, stdout: '' });
    tenant.setDews([dew.url]);
    expect(await proposals('scripted')).toMatchObject([{ approvers: [] }]);

    const shown = await tenant.run('approver', 'approve', 'scripted', '--yes');
    expect(shown.exitCode).toBe(0);
    const digest = createHash('sha256').update(readFileSync(script)).digest('hex');
    expect(shown.stderr).toContain(`file sha256:${digest}, `);
    expect(shown.stderr).toContain('\n      return "\\u202ehello";\n');
    await tenant.json('second', 'approve', 'scripted', '--yes');

    expect(await tenant.json('publisher', 'verify', 'scripted')).toMatchObject({ verdict: 'verified' });
    tenant.setDews([dewProxy.url]);
    const verified = await tenant.run('publisher', 'verify', 'scripted', '-o', 'json');
    tenant.setDews([dew.url]);
    expect(verified.exitCode).toBe(77);
    expect(JSON.parse(verified.stdout)).toMatchObject({ verdict: 'refused', code: 'DIGEST_MISMATCH' });
  });

  test('verify: a file against the ledger, and what became of it', async () => {
    const [applied] = await apply(write('judged'));
    const verdict = async (target: string) => {
      const run = await tenant.run('publisher', 'verify', target, '-o', 'json');
      const { code } = JSON.parse(run.stdout) as { code?: string };
      return `${String(run.exitCode)} ${code ?? 'verified'}`;
    };
    const sealed = sealedFile(applied);
    expect(await verdict(sealed)).toBe('77 NOT_APPROVED');
    await activate('judged');
    expect(await verdict(sealed)).toBe('0 verified');
    const altered = tenant.file('altered.json', readFileSync(sealed, 'utf8').replace('barn/', 'farm/'));
    expect(await verdict(altered)).toBe('77 DIGEST_MISMATCH');
    expect(await verdict(tenant.file('draft.json', stringify({ no: 'document' })))).toBe('77 SCHEMA');
    await apply(write('judged', { requires: ['batch-a'] }));
    await activate('judged');
    expect(await verdict(sealed)).toBe('77 ROLLBACK');
    await tenant.json('publisher', 'revoke', 'judged', '--yes');
    expect(await verdict('judged')).toBe('77 REVOKED');
    expect(await verdict('never-seen')).toBe('77 NOT_APPROVED');
  });

  test('a profile is sealed once, handed to the dew, and renewed on the devices that have it', async () => {
    const device = `0x${'d1'.repeat(20)}`;
    const profile = (site: string) =>
      tenant.file(
        'profile.yaml',
        `apiVersion: dewproof/v1\nkind: DeviceProfile\nmetadata: {tenant: greenfields, name: barn-edge}\n` +
          `spec: {labels: {site: ${site}}, capacity: {resources: 4}}\n`,
      );
    const enrol = ['device', 'enrol', device, '--group', 'barn-7', '--profile', profile('north')];
    const first = (await tenant.json('publisher', ...enrol)) as { profile: string };
    expect(first).toMatchObject({ change: 'enrolled', uploaded: [dew.url] });
    expect(await tenant.json('publisher', ...enrol)).toMatchObject({ change: 'unchanged', profile: first.profile });
    expect(await apply(profile('north'))).toMatchObject([{ change: 'unchanged', digest: first.profile }]);
    const [changed] = await apply(profile('south'));
    expect(changed).toMatchObject({ change: 'changed', version: 2, devices: [device] });
    expect(await tenant.json('second', 'get', 'devices', device)).toMatchObject([{ profile: changed?.digest }]);
  });

  test('the names that another home never met are asked of the dew', async () => {
    writeFileSync(join(tenant.homeOf('approver'), 'names.json'), '{}');
    const rows = (await tenant.json('approver', 'get', 'resources')) as { name?: string }[];
    expect(rows.map(({ name }) => name)).toContain('batch-a');
    const strange = (await tenant.json('stranger', 'get', 'resources')) as { name?: string }[];
    expect(strange.map(({ name }) => name)).not.toContain('batch-a');
  });
});
