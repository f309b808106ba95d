import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bytes32Of, digestOfByte } from '../../chain/conformance/command-arbitrary.ts';
import { openRpc } from '../../chain/evm/json-rpc.ts';
import { quantity } from '../../chain/evm/rpc-schemas.ts';
import { loadProofCrypto } from '../../chain/light/crypto/load-crypto.ts';
import { readHeader } from '../../chain/light/make/read-header.ts';
import { createOpenState } from '../../chain/light/open-state.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import { groupIdOf } from '../../core/ids.ts';
import { anchorSchema, type Anchor } from '../../core/state/anchor.ts';
import type { VerifiedState } from '../../core/state/verified-state.ts';
import { callDaemon } from '../../platform/control/control-client.ts';
import { runDewproof } from '../cli/run-dewproof.ts';
import { deployEvmTenant, type EvmTenant } from '../support/evm-tenant.ts';
import { startAnvil, until, type DevNode } from '../support/nodes.ts';
import { serve } from '../support/serve.ts';
import { rootKeys, rootsOf, signAnchor } from '../support/test-anchors.ts';
import { createWitnesses, noteOn } from '../support/test-witnesses.ts';
import { spawnDewproof, startDaemon, type StartedDaemon } from './cli-start.ts';

const KILLS = 4;
const crypto = await loadProofCrypto();
const openState = createOpenState(crypto);
const pool = createWitnesses(6);
const group = groupIdOf({ tenant: 'greenfields', name: 'barn-7' });
const elsewhere = groupIdOf({ tenant: 'greenfields', name: 'barn-8' });
const resource = bytes32Of(0xa1);

let node: DevNode;
let tenant: EvmTenant;
let stopWitnesses: () => Promise<void>;
let words: readonly string[];
let folder: string;
let home: string;
/** Every anchor that was ever signed, the oldest first. */
const anchors: Anchor[] = [];

const finalityOf = (from: number): Anchor['finality'] => {
  return {
    kind: 'witnesses',
    witnesses: pool.slice(from, from + 3).map(({ name, publicKey }) => ({ name, publicKey })),
  };
};
const nextAnchor = (): Anchor => {
  const last = anchors.at(-1);
  if (!last) throw new Error('there is no anchor');
  // Two of the three are others each time: what the former vouched for does not open any more.
  return anchorSchema.parse({
    ...last,
    version: last.version + 1,
    finality: finalityOf(last.version % 2 === 0 ? 0 : 3),
  });
};

/** Six witnesses as HTTP servers, each of which signs what the node has. */
async function startWitnesses(): Promise<{ readonly urls: readonly string[]; readonly stop: () => Promise<void> }> {
  const rpc = openRpc({ url: node.url });
  const noteOf = async (name: string, height: string): Promise<Uint8Array | undefined> => {
    const newest = await rpc.call({ method: 'eth_blockNumber', params: [], answer: quantity });
    const header = await readHeader({ height: height === 'latest' ? newest : BigInt(height) }, { rpc, crypto });
    const signers = pool.filter((one) => one.name === name);
    const times = [BigInt(Math.floor(Date.now() / 1000))];
    return header && noteOn(header.raw, { anchor: tenant.deployed.anchor, signers, times });
  };
  const { url, close } = await serve((request, response) => {
    const [, name = '', , , height = ''] = (request.url ?? '').split('/');
    noteOf(name, height).then(
      (note) => response.writeHead(note ? 200 : 404).end(note),
      () => response.destroy(),
    );
  });
  return { urls: pool.map(({ name }) => `${name}=${url}/${name}`), stop: close };
}

beforeAll(async () => {
  node = await startAnvil({ args: ['--accounts', '20', '--block-time', '1'] });
  tenant = await deployEvmTenant(node, { approvalThreshold: 0 });
  const witnesses = await startWitnesses();
  stopWitnesses = witnesses.stop;
  const first = { ...tenant.deployed.anchor, roots: rootsOf(2, [0, 3]), finality: finalityOf(0) };
  anchors.push(anchorSchema.parse(first));
  folder = mkdtempSync(join(tmpdir(), 'dewproof-dew-kill-'));
  home = join(folder, 'dew');
  const file = join(folder, 'anchor.json');
  writeFileSync(file, JSON.stringify(anchors[0]));
  const init = ['init', '--kind', 'dew', '--home', home, '--group', 'barn-7', '--generate-password', '--anchor', file];
  expect((await runDewproof(init)).exitCode).toBe(0);
  // Its signatures are damaged, which keeps no dew from going by it.
  const damaged = { kind: 'SignedAnchor', anchor: anchors[0], signatures: [{ account: 'nobody' }] };
  writeFileSync(join(home, 'anchor.json'), JSON.stringify({ apiVersion: 'dewproof/v1', ...damaged }));
  const asking = ['--node', node.url, '--witness', witnesses.urls.join(',')];
  words = ['dew', 'start', '--home', home, '--port', '0', '--mqtt-port', '0', ...asking];
  const account = tenant.accounts.device;
  await submit('registrar', { type: 'enrol-device', account, kind: 'edge', group, profile: undefined });
});

afterAll(async () => {
  await stopWitnesses();
  await node.kill();
  rmSync(folder, { recursive: true, force: true });
});

async function submit(...[actor, command]: Parameters<typeof submitAs>): Promise<void> {
  await submitAs(actor, command);
}

async function submitAs(
  actor: Parameters<EvmTenant['openLedger']>[0],
  command: Parameters<Awaited<ReturnType<EvmTenant['openLedger']>>['submit']>[0],
): Promise<void> {
  const ledger = await tenant.openLedger(actor);
  await ledger.submit(command).finally(() => ledger.close());
}

let version = 0n;
/** A new version of the resource, every other one of which is for another group. */
async function publish(): Promise<void> {
  version += 1n;
  const proposal = { resource, version, digest: digestOfByte(0xc1), group: version % 2n === 0n ? elsewhere : group };
  await submit('publisher', { type: 'propose', proposals: [proposal] });
}

/** What the dew serves now, opened as a device does that has one of the anchors; undefined where it serves none. */
async function read(dew: { readonly url: string }): Promise<{ state: VerifiedState; by: number } | undefined> {
  const response = await fetch(`${dew.url}/v1/bundles/${tenant.accounts.device}`);
  if (response.status !== 200) return undefined;
  const bytes = new Uint8Array(await response.arrayBuffer());
  for (const anchor of anchors.toReversed()) {
    try {
      return { state: openState(bytes, anchor, 0n), by: anchor.version };
    } catch (error) {
      if (!hasCode(error, 'PROOF_INVALID', 'QUORUM')) throw error;
    }
  }
  throw new DewproofError('PROOF_INVALID', 'It opens by no anchor that there ever was.');
}

/** The newest that any edge was served. */
let newest = { height: 0n, attestedAt: 0n };

function verifyNotOlder({ block, attestedAt = 0n }: VerifiedState): void {
  expect(block.height).toBeGreaterThanOrEqual(newest.height);
  if (block.height === newest.height) expect(attestedAt).toBeGreaterThanOrEqual(newest.attestedAt);
  newest = { height: block.height, attestedAt };
}

let served = 0;
/** Asks as an edge does, without end, until the dew is gone. */
async function watch(dew: StartedDaemon): Promise<void> {
  for (;;) {
    const found = await read(dew).catch((error: unknown) => {
      if (hasCode(error)) throw error;
      return 'gone' as const;
    });
    if (found === 'gone') return;
    if (!found) continue;
    served += 1;
    verifyNotOlder(found.state);
  }
}

/** Anchors follow one another as fast as the dew takes them. */
async function rotate(): Promise<void> {
  // A dew hands out, and takes from one source, 64 at most.
  for (let taken = 0; taken < 12; taken += 1) {
    const next = nextAnchor();
    // Signed, it may be taken, whatever becomes of the answer.
    anchors.push(next);
    const input = { anchors: await Promise.all(anchors.slice(1).map((one) => signAnchor(one, rootKeys.slice(0, 2)))) };
    try {
      await callDaemon({ folder: join(home, 'data'), command: 'import-anchors', input });
    } catch (error) {
      if (hasCode(error, 'DAEMON_UNAVAILABLE')) return;
      throw error;
    }
  }
}

test('a dew that is killed again and again while it proves and anchors change serves on, and never what is older', async () => {
  const first = await startDaemon(words);
  expect(first.said()).toContain('not handed to devices');
  await until(async () => (await read(first))?.state.device(tenant.accounts.device) !== undefined);
  await first.stop('SIGKILL');
  for (let kill = 0; kill < KILLS; kill += 1) {
    const dew = await startDaemon(words);
    // At once, off its disk: nothing was asked yet.
    const kept = await read(dew);
    expect(kept).toBeDefined();
    if (kept) verifyNotOlder(kept.state);
    const before = served;
    const busy = [watch(dew), publish(), ...(kill % 2 === 0 ? [rotate()] : [])];
    await until(() => served > before);
    // Anywhere in the making of the bundles that this brings about.
    await new Promise((resolve) => setTimeout(resolve, 100 * kill * kill + Math.random() * 200));
    await dew.stop('SIGKILL');
    await Promise.all(busy);
    // And while it starts.
    const starting = spawnDewproof(words);
    const over = new Promise((resolve) => starting.once('exit', resolve));
    setTimeout(() => starting.kill('SIGKILL'), 200 + 150 * kill);
    await over;
  }
  const last = await startDaemon(words);
  const input = await Promise.all(anchors.slice(1).map((one) => signAnchor(one, rootKeys.slice(0, 2))));
  await callDaemon({ folder: join(home, 'data'), command: 'import-anchors', input: { anchors: input } });
  await until(async () => {
    const found = await read(last);
    if (found) verifyNotOlder(found.state);
    return found?.by === anchors.at(-1)?.version && found?.state.record(resource)?.version === version;
  });
  expect(await last.stop()).toBe(0);
});
