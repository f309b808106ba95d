import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { TrustStatus } from '../../edge/state/trust-status.ts';
import { startControlServer } from '../../platform/control/control-server.ts';
import { quietLog } from '../edge/support/test-edge.ts';
import { witnessAnchor } from '../support/test-bundles.ts';
import { configYaml, makeHome } from './home-fixture.ts';
import { runHere } from './run-here.ts';
import { checkAsked } from '../../cli/doctor/check-asking.ts';
import type { EdgeBeliefs } from '../../cli/doctor/check-trust.ts';

interface Row {
  readonly check: string;
  readonly verdict: string;
  readonly detail: string;
}

/** What doctor says of a home whose anchor trusts witnesses, of some checks. */
async function examine(fields: string, checks: readonly string[]): Promise<readonly Row[]> {
  return examineHome(makeHome({ config: configYaml(fields), anchor: JSON.stringify(witnessAnchor()) }), checks);
}

async function examineHome(home: string, checks: readonly string[]): Promise<readonly Row[]> {
  const { stdout } = await runHere(['doctor', '--home', home, '-o', 'json']);
  return (JSON.parse(stdout) as Row[]).filter(({ check }) => checks.includes(check));
}

/** What doctor says of a home whose file trusts a node, while its edge says this of whom it believes. */
async function examineRunning(trust: Partial<TrustStatus>, checks: readonly string[]): Promise<readonly Row[]> {
  return examineTelling({ trust: trust as TrustStatus }, checks);
}

/** The same, of an edge that says this of itself. */
function examineTelling(status: EdgeBeliefs, checks: readonly string[]): Promise<readonly Row[]> {
  return examineDaemon(makeHome({ config: configYaml('role: edge') }), { status, checks });
}

async function examineDaemon(
  home: string,
  { status, checks }: { readonly status: unknown; readonly checks: readonly string[] },
): Promise<readonly Row[]> {
  mkdirSync(join(home, 'data'));
  const commands = { status: () => Promise.resolve(status) };
  const server = await startControlServer({ folder: join(home, 'data'), commands, log: quietLog() });
  onTestFinished(() => server.close());
  return examineHome(home, checks);
}

/** A server that answers everything with `status`. */
async function answering(status: number): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status).end('{}')).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('an edge that believes witnesses needs no node', async () => {
  expect(await examine('role: edge', ['anchor', 'ledger'])).toMatchObject([
    { check: 'anchor', verdict: 'ok', detail: expect.stringContaining('witnesses') as string },
    { check: 'ledger', verdict: 'ok', detail: expect.stringContaining('no node') as string },
  ]);
});

test('an edge that was given an anchor of witnesses since is asked whom it believes', async () => {
  const trust = { finality: 'witnesses', anchorVersion: 2, trusts: '2 of 3 witnesses', missingAnchor: null } as const;
  expect(await examineRunning({ ...trust, unasked: ['east', 'west'] }, ['anchor', 'ledger', 'time'])).toMatchObject([
    { check: 'anchor', verdict: 'ok', detail: expect.stringMatching(/version 2 since; it trusts 2 of 3/) as string },
    { check: 'time', verdict: 'warn', detail: expect.stringContaining('east, west') as string },
    { check: 'ledger', verdict: 'ok', detail: expect.stringContaining('no node') as string },
  ]);
  expect(await examineRunning({ ...trust, unasked: [] }, ['time'])).toMatchObject([{ verdict: 'ok' }]);
  const lost = { ...trust, anchorVersion: 1, missingAnchor: 2, unasked: [] };
  expect(await examineRunning(lost, ['anchor'])).toMatchObject([{ verdict: 'warn' }]);
});

test('an edge is told which witnesses it does not know where to find', async () => {
  const rows = await examine("role: edge\nwitnesses: [{name: witness-1, url: 'http://127.0.0.1:9'}]", ['time']);
  expect(rows).toMatchObject([{ verdict: 'warn', detail: expect.stringMatching(/^witness-0, witness-2 /) as string }]);
  const dews = "dews: ['http://127.0.0.1:9']";
  expect(await examine(`role: edge\n${dews}`, ['time'])).toMatchObject([{ verdict: 'ok' }]);
  expect(await examine('role: dew', ['time'])).toEqual([]);
});

test('a dew that believes witnesses and knows no node is told so', async () => {
  expect(await examine('role: dew', ['anchor', 'ledger'])).toMatchObject([
    { check: 'anchor', verdict: 'ok' },
    {
      check: 'ledger',
      verdict: 'fail',
      detail: expect.stringContaining('CONFIG') as string,
      remedy: 'name one with `node:` in config.yaml.',
    },
  ]);
});

test('a dew that runs by a node of its options says itself how it follows the ledger', async () => {
  const say = (trouble: object | null) => {
    const home = makeHome({ config: configYaml('role: dew'), anchor: JSON.stringify(witnessAnchor()) });
    return examineDaemon(home, { status: { ledger: { height: '7', trouble } }, checks: ['ledger'] });
  };
  expect(await say(null)).toMatchObject([{ verdict: 'ok', detail: expect.stringContaining('block 7') as string }]);
  expect(await say({ code: 'WRONG_CHAIN', message: 'Another one.' })).toMatchObject([
    { verdict: 'fail', detail: 'WRONG_CHAIN: Another one.' },
  ]);
});

test('a dew is told of the anchor’s witnesses that nothing says where to ask', async () => {
  const url = await answering(200);
  const names = witnessAnchor().finality.witnesses.map(({ name }) => name);
  const knowing = (count: number) =>
    `role: dew\nnode: '${url}'\nwitnesses: [${names
      .slice(0, count)
      .map((name) => `{name: ${name}, url: '${url}'}`)
      .join()}]`;
  const about = async (count: number) =>
    (await examine(knowing(count), ['witness'])).filter(({ detail }) => detail.includes('config.yaml'));
  expect(await about(3)).toEqual([]);
  expect(await about(2)).toMatchObject([
    { verdict: 'warn', detail: expect.stringContaining(names[2] ?? '') as string },
  ]);
  expect(await about(1)).toMatchObject([{ verdict: 'fail' }]);
});

test('a dew that runs is told of those of the anchor in use', () => {
  const status = (unasked: readonly string[]) => ({ anchorVersion: 4, bundles: { unasked, groups: [] } });
  expect(checkAsked(status([]))).toEqual([]);
  expect(checkAsked({ anchorVersion: 1, bundles: null })).toEqual([]);
  const [finding] = checkAsked(status(['north.example']));
  expect(finding?.detail).toMatch(/of its anchor \(version 4\) answer: north\.example$/);
});

test('witnesses that are away or sign nothing are warned of', async () => {
  const [signing, silent] = await Promise.all([answering(200), answering(503)]);
  const witnesses = `[{name: a, url: '${signing}/'}, {name: b, url: '${silent}'}, {name: c, url: 'http://127.0.0.1:9'}]`;
  const rows = await examine(`role: edge\nwitnesses: ${witnesses}`, ['witness']);
  expect(rows.map(({ verdict }) => verdict)).toEqual(['ok', 'warn', 'warn']);
});

test('a person whose home names no dew is warned; devices have dews by options as well', async () => {
  expect(await examine('role: user', ['dew'])).toMatchObject([
    { verdict: 'warn', detail: expect.stringContaining('names none') as string },
  ]);
  expect(await examine(`role: user\ndews: ['${await answering(200)}']`, ['dew'])).toMatchObject([{ verdict: 'ok' }]);
  expect(await examine('role: edge', ['dew'])).toEqual([]);
});

test('a clock that the edge does not believe is warned of', async () => {
  const trust = { finality: 'witnesses', anchorVersion: 1, unasked: [] } as unknown as TrustStatus;
  const clock = {
    host: '2036-01-01T00:00:00.000Z',
    device: '2026-01-01T00:00:00.000Z',
    why: 'it is ahead',
    told: false,
  };
  const say = (credible: boolean) => examineTelling({ trust, clock: { ...clock, credible } }, ['clock']);
  expect(await say(true)).toMatchObject([{ verdict: 'ok' }]);
  expect(await say(false)).toMatchObject([
    { verdict: 'warn', detail: expect.stringContaining('2036-01-01T00:00:00.000Z, it is ahead') as string },
  ]);
});
