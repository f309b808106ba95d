import { describe, expect, onTestFinished, test } from 'vitest';
import { bytes32Of, digestOfByte } from '../../../chain/conformance/command-arbitrary.ts';
import { openEvmLedger } from '../../../chain/evm/evm-ledger.ts';
import { openRpc, type Rpc } from '../../../chain/evm/json-rpc.ts';
import { quantity } from '../../../chain/evm/rpc-schemas.ts';
import { loadProofCrypto } from '../../../chain/light/crypto/load-crypto.ts';
import { createBundleMaker } from '../../../chain/light/make/bundle-maker.ts';
import { openVouching } from '../../../chain/light/make/open-vouching.ts';
import { readHeader } from '../../../chain/light/make/read-header.ts';
import { createOpenState } from '../../../chain/light/open-state.ts';
import type { AskNote } from '../../../chain/light/witness/collect-quorum.ts';
import { DewproofError, hasCode } from '../../../core/errors.ts';
import { groupIdOf } from '../../../core/ids.ts';
import type { LedgerCommand } from '../../../core/ledger/commands.ts';
import { NEVER } from '../../../core/policy.ts';
import type { Anchor } from '../../../core/state/anchor.ts';
import type { VerifiedState } from '../../../core/state/verified-state.ts';
import { startDew, type Dew } from '../../../dew/start-dew.ts';
import { createLog } from '../../../platform/log.ts';
import { temporaryFolder } from '../../platform/temporary-folder.ts';
import { deployEvmTenant, type EvmTenant } from '../../support/evm-tenant.ts';
import { askNode, startAnvil, startHardhat, until, type DevNode } from '../../support/nodes.ts';

import { createWitnesses, noteOn } from '../../support/test-witnesses.ts';

const crypto = await loadProofCrypto();
const openState = createOpenState(crypto);
const group = groupIdOf({ tenant: 'greenfields', name: 'barn-7' });
const elsewhere = groupIdOf({ tenant: 'greenfields', name: 'barn-8' });
const resource = bytes32Of(0xa1);
const role = bytes32Of(0xf1);
const witnesses = createWitnesses(3);
const stranger = `0x${'ee'.repeat(20)}` as const;

const starters = [
  // It keeps what became zero in its tries, which no checker takes.
  { name: 'anvil', provesGone: false, start: () => startAnvil({ args: ['--accounts', '20'] }) },
  { name: 'hardhat', provesGone: true, start: () => startHardhat() },
];

/** A dew over a node and three witnesses in this process, whose honesty and clocks are the test's. */
interface World {
  readonly node: DevNode;
  readonly tenant: EvmTenant;
  readonly anchor: Anchor;
  readonly folder: string;
  readonly calls: string[];
  readonly logged: string[];
  dew: Dew;
  /** Unix seconds by which witnesses sign. */
  now: bigint;
  /** What each witness does in place of signing what the node has. */
  readonly lies: Map<string, AskNote>;
  submit(actor: Parameters<EvmTenant['openLedger']>[0], command: LedgerCommand): Promise<void>;
  fetch(account: string, init?: RequestInit): Promise<Response>;
  open(account: string): Promise<VerifiedState>;
  /** Waits until the bundle of an account says so. */
  says(account: string, check: (state: VerifiedState) => boolean): Promise<VerifiedState>;
  boot(): Promise<void>;
}

class NotServed extends Error {}

async function createWorld(start: () => Promise<DevNode>): Promise<World> {
  const node = await start();
  onTestFinished(() => node.kill());
  const tenant = await deployEvmTenant(node, { approvalThreshold: 0 });
  const trusted = witnesses.map(({ name, publicKey }) => ({ name, publicKey }));
  const anchor: Anchor = { ...tenant.deployed.anchor, finality: { kind: 'witnesses', witnesses: trusted } };
  const world: World = {
    node,
    tenant,
    anchor,
    folder: temporaryFolder(),
    calls: [],
    logged: [],
    dew: undefined as unknown as Dew,
    now: 1_900_000_000n,
    lies: new Map(),
    submit: async (actor, command) => {
      const ledger = await tenant.openLedger(actor);
      await ledger.submit(command).finally(() => ledger.close());
    },
    fetch: (account, init) => fetch(`${world.dew.url}/v1/bundles/${account}`, init),
    open: async (account) => {
      const response = await world.fetch(account);
      if (response.status !== 200) throw new NotServed(await response.text());
      return openState(new Uint8Array(await response.arrayBuffer()), anchor, 0n);
    },
    says: (account, check) =>
      until(async () => {
        try {
          const state = await world.open(account);
          return check(state) ? state : undefined;
        } catch (error) {
          // Not made yet, or of before what is waited for.
          if (error instanceof NotServed || hasCode(error, 'NOT_PROVED')) return undefined;
          throw error;
        }
      }),
    boot: async () => {
      world.dew = await bootDew(world);
    },
  };
  await world.boot();
  return world;
}

/** Signs what the node has, or, where that is gone, its last block again. */
function createAsk(world: World, rpc: Rpc): AskNote {
  const headers = new Map<bigint, Uint8Array>();
  const latest = async () => {
    try {
      const height = await rpc.call({ method: 'eth_blockNumber', params: [], answer: quantity });
      const header = await readHeader({ height }, { rpc, crypto });
      if (header) headers.set(height, header.raw);
    } catch {
      // The node is gone: witnesses go on signing what they have.
    }
    return [...headers.values()].at(-1);
  };
  return async (question) => {
    const { witness, height } = question;
    const lie = world.lies.get(witness);
    if (lie) return lie(question);
    const header = height === 'latest' ? await latest() : headers.get(height);
    const signer = witnesses.find(({ name }) => name === witness);
    return header && signer && noteOn(header, { anchor: world.anchor, signers: [signer], times: [world.now] });
  };
}

async function bootDew(world: World): Promise<Dew> {
  const { node, anchor, calls } = world;
  const plain = openRpc({ url: node.url, timeoutMs: 2_000 });
  const rpc: Rpc = {
    url: plain.url,
    call: (request) => {
      calls.push(request.method);
      return plain.call(request);
    },
  };
  const deps = { rpc, anchor, crypto };
  const troubles = (): void => undefined;
  const vouching = openVouching(deps, { ask: createAsk(world, plain), onTrouble: troubles }, { sharedMs: 20 });
  const ledger = await openEvmLedger({
    anchor: world.tenant.deployed.anchor,
    pollMs: 20,
    maxBackoffMs: 200,
    finalHead: async () => (await vouching.newest()).block,
  });
  const dew = await startDew({
    config: {
      dataFolder: world.folder,
      host: '127.0.0.1',
      port: 0,
      mqttPort: 0,
      tenant: 'greenfields',
      groups: ['barn-7'],
    },
    account: world.tenant.accounts.device,
    ledger,
    bundles: { maker: createBundleMaker({ ...deps, vouching }), refreshEveryMs: 0, keepSeconds: 2_592_000 },
    verifyCall: () => Promise.resolve(undefined),
    clock: Date.now,
    random: () => 0.1,
    log: createLog({ name: 'dew', level: 'warn' }, { write: (line) => world.logged.push(line) }),
  });
  onTestFinished(async () => {
    await dew.close();
    await ledger.close();
  });
  return dew;
}

async function enrol(world: World, of = group): Promise<string> {
  const account = world.tenant.accounts.device;
  await world.submit('registrar', { type: 'enrol-device', account, kind: 'edge', group: of, profile: undefined });
  return account;
}

/** As `enrol`, once it is in the group's bundle. */
async function enrolled(world: World): Promise<string> {
  const device = await enrol(world);
  await world.says(device, (state) => state.device(device as `0x${string}`)?.group === group);
  return device;
}

const proposal = (version: bigint) =>
  ({ type: 'propose', proposals: [{ resource, version, digest: digestOfByte(0xc1), group }] }) as const;

describe.each(starters)('a dew beside $name', ({ start, provesGone }) => {
  test('serves what was published, revoked, granted and taken away, each with its proof', async () => {
    const world = await createWorld(start);
    const device = await enrol(world);
    await world.says(device, (state) => state.device(device as `0x${string}`)?.status === 'active');
    await world.submit('publisher', proposal(1n));
    await world.says(device, (state) => state.record(resource)?.status === 'active');
    const grant = { resource, subject: role, actions: ['read'], offline: false, expiresAt: NEVER } as const;
    await world.submit('policy-admin', { type: 'set-grant', ...grant });
    await world.says(device, (state) => state.grant(resource, role) !== undefined);
    await world.submit('policy-admin', { type: 'revoke-grant', resource, subject: role });
    const without = await world.says(device, (state) => state.grant(resource, role) === undefined);
    // Proved to be gone, not merely left out: the device may hold the older proof that it was there.
    expect(without.tellsOf?.({ kind: 'grant', resource, subject: role })).toBe(provesGone);
    await world.submit('revoker', { type: 'revoke', resource, version: 1n });
    const state = await world.says(device, (one) => one.record(resource)?.status === 'revoked');
    expect(state.attestedAt).toBe(world.now);
    expect(world.dew.status().bundles).toMatchObject({ groups: [{ name: 'barn-7' }], trouble: null });
  });

  test('serves others than its groups’ devices what stands of them alone', async () => {
    const world = await createWorld(start);
    const device = await enrol(world, elsewhere);
    const state = await world.says(device, (one) => one.device(device as `0x${string}`) !== undefined);
    expect(state.device(device as `0x${string}`)?.group).toBe(elsewhere);
    const absent = await world.says(stranger, () => true);
    expect(absent.device(stranger)).toBeUndefined();
    expect(() => absent.record(resource)).toThrow(/says nothing/);
    // Known again, it costs the node nothing.
    const asked = world.calls.length;
    const again = await world.fetch(stranger.toUpperCase().replace('0X', '0x'));
    expect(again.status).toBe(200);
    expect(world.calls.slice(asked).filter((method) => method === 'eth_getProof')).toEqual([]);
  });

  test('passes newer signatures of an idle head on without asking for a proof', async () => {
    const world = await createWorld(start);
    const device = await enrolled(world);
    const before = await world.fetch(device);
    const asked = world.calls.filter((method) => method === 'eth_getProof').length;
    world.now += 3_600n;
    const state = await world.says(device, (one) => one.attestedAt === world.now);
    expect(state.device(device as `0x${string}`)?.group).toBe(group);
    expect((await world.fetch(device)).headers.get('etag')).not.toBe(before.headers.get('etag'));
    expect(world.calls.filter((method) => method === 'eth_getProof')).toHaveLength(asked);
  });

  test('asks for the account alone where a newer head changed nothing', async () => {
    const world = await createWorld(start);
    const device = await enrolled(world);
    const first = await world.open(device);
    const asked = world.calls.filter((method) => method === 'eth_getProof').length;
    await askNode(world.node, { method: 'evm_mine' });
    const second = await world.says(device, (state) => state.block.height > first.block.height);
    expect(second.storageRoot).toBe(first.storageRoot);
    expect(world.calls.filter((method) => method === 'eth_getProof')).toHaveLength(asked + 1);
  });

  test('serves the last with the node gone, after a restart too', async () => {
    const world = await createWorld(start);
    const device = await enrol(world);
    await world.submit('publisher', proposal(3n));
    await world.says(device, (state) => state.record(resource)?.version === 3n);
    const last = await world.fetch(device);
    await world.node.kill();
    const [first] = witnesses;
    for (const { name } of witnesses) world.lies.set(name, () => Promise.reject(gone(first?.name ?? '')));
    await until(() => world.dew.status().ledger.trouble !== null);
    expect((await world.fetch(device)).headers.get('etag')).toBe(last.headers.get('etag'));
    await world.dew.close();
    await world.boot();
    const again = await world.fetch(device);
    expect(again.headers.get('etag')).toBe(last.headers.get('etag'));
    expect(openState(new Uint8Array(await again.arrayBuffer()), world.anchor, 0n).record(resource)?.version).toBe(3n);
    expect((await world.fetch(stranger)).status).toBe(503);
  });

  test('is not led by one witness that lies, and stands still with two', async () => {
    const world = await createWorld(start);
    const device = await enrol(world);
    const [one, two] = witnesses;
    if (!one || !two) throw new Error('no witnesses');
    const lie =
      (liar: typeof one): AskNote =>
      () =>
        Promise.resolve(Buffer.from(`not a note of ${liar.name}`));
    world.lies.set(one.name, lie(one));
    await world.submit('publisher', proposal(1n));
    await world.says(device, (state) => state.record(resource)?.version === 1n);
    world.lies.set(two.name, lie(two));
    await world.submit('publisher', proposal(2n));
    await until(() => world.dew.status().ledger.trouble?.code === 'LEDGER_BEHIND');
    expect((await world.open(device)).record(resource)?.version).toBe(1n);
    world.lies.clear();
    await world.says(device, (state) => state.record(resource)?.version === 2n);
  });
});

test('a chain that loses blocks which nobody signed leaves the dew as it was', async () => {
  const world = await createWorld(() => startAnvil({ args: ['--accounts', '20'] }));
  const device = await enrolled(world);
  const signed = await world.open(device);
  // Nobody signs from here on: what follows is never final.
  for (const { name } of witnesses) world.lies.set(name, () => Promise.resolve(undefined));
  const snapshot = await askNode(world.node, { method: 'evm_snapshot' });
  await world.submit('publisher', proposal(9n));
  await askNode(world.node, { method: 'evm_revert', params: [snapshot] });
  await world.submit('publisher', proposal(4n));
  world.lies.clear();
  const state = await world.says(device, (one) => one.block.height > signed.block.height);
  expect(state.record(resource)?.version).toBe(4n);
  expect(world.dew.status().ledger.trouble).toBeNull();
});

test('a node on another fork than the one that witnesses signed is told of, and leaves the last bundle', async () => {
  const world = await createWorld(() => startAnvil({ args: ['--accounts', '20'] }));
  const device = await enrolled(world);
  await world.submit('publisher', proposal(1n));
  const rpc = openRpc({ url: world.node.url });
  const height = await rpc.call({ method: 'eth_blockNumber', params: [], answer: quantity });
  const other = Uint8Array.from((await readHeader({ height }, { rpc, crypto }))?.raw ?? []);
  const end = other.length - 1;
  other[end] = (other[end] ?? 0) ^ 1;
  for (const witness of witnesses) {
    const note = noteOn(other, { anchor: world.anchor, signers: [witness], times: [world.now + 60n] });
    world.lies.set(witness.name, () => Promise.resolve(note));
  }
  await askNode(world.node, { method: 'evm_mine' });
  await until(() => world.dew.status().ledger.trouble?.code === 'EQUIVOCATION');
  const { bundles } = world.dew.status();
  expect(bundles?.groups[0]?.attestedAt).toBe(new Date(Number(world.now) * 1000).toISOString());
  expect((await world.fetch(device)).status).toBe(200);
});

function gone(name: string): DewproofError {
  return new DewproofError('DEW_UNAVAILABLE', `${name} is gone.`);
}
