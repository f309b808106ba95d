import { describe, expect, onTestFinished, test } from 'vitest';
import { isSignedBy } from '../../../cli/is-signed-by.ts';
import { bytes32Of, digestOfByte } from '../../../chain/conformance/command-arbitrary.ts';
import { openEvmLedger } from '../../../chain/evm/evm-ledger.ts';
import { openRpc, type Rpc } from '../../../chain/evm/json-rpc.ts';
import { quantity } from '../../../chain/evm/rpc-schemas.ts';
import { loadProofCrypto } from '../../../chain/light/crypto/load-crypto.ts';
import { createBundleMaker } from '../../../chain/light/make/bundle-maker.ts';
import { openVouching } from '../../../chain/light/make/open-vouching.ts';
import { readHeader } from '../../../chain/light/make/read-header.ts';
import { createOpenState } from '../../../chain/light/open-state.ts';
import type { SigningWitness } from '../../../chain/light/witness/sign-note.ts';
import type { AskNote } from '../../../chain/light/witness/collect-quorum.ts';
import { DewproofError, hasCode } from '../../../core/errors.ts';
import { groupIdOf } from '../../../core/ids.ts';
import type { LedgerCommand } from '../../../core/ledger/commands.ts';
import { NEVER } from '../../../core/policy.ts';
import { anchorSchema, type Anchor } from '../../../core/state/anchor.ts';
import type { VerifiedState } from '../../../core/state/verified-state.ts';
import type { DewSources } from '../../../dew/sources.ts';
import { startDew, type Dew } from '../../../dew/start-dew.ts';
import { callDaemon } from '../../../platform/control/control-client.ts';
import { createLog } from '../../../platform/log.ts';
import { temporaryFolder } from '../../platform/temporary-folder.ts';
import { deployEvmTenant, type EvmTenant } from '../../support/evm-tenant.ts';
import { rootKeys, rootsOf, signAnchor } from '../../support/test-anchors.ts';
import { askNode, startAnvil, startHardhat, until, type DevNode } from '../../support/nodes.ts';

import { createWitnesses, noteOn } from '../../support/test-witnesses.ts';

const crypto = await loadProofCrypto();
const openState = createOpenState(crypto);
const group = groupIdOf({ tenant: 'greenfields', name: 'barn-7' });
const elsewhere = groupIdOf({ tenant: 'greenfields', name: 'barn-8' });
const resource = bytes32Of(0xa1);
const role = bytes32Of(0xf1);
const [pool, later] = [createWitnesses(6), createWitnesses(6).slice(3)];
const witnesses = pool.slice(0, 3);
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
  /** The file of its home. */
  readonly home: Anchor;
  /** By which bundles are opened here. */
  anchor: Anchor;
  folder: string;
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

async function createWorld(start: () => Promise<DevNode>, { first = witnessAnchorOf } = {}): Promise<World> {
  const node = await start();
  onTestFinished(() => node.kill());
  const tenant = await deployEvmTenant(node, { approvalThreshold: 0 });
  const anchor = first({ ...tenant.deployed.anchor, roots: rootsOf(2, [0, 3]) });
  const world: World = {
    node,
    tenant,
    home: anchor,
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
      return openState(new Uint8Array(await response.arrayBuffer()), world.anchor, 0n);
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
    const signer = pool.find(({ name }) => name === witness);
    return header && signer && noteOn(header, { anchor: world.anchor, signers: [signer], times: [world.now] });
  };
}

/** The finality of an anchor that some of the pool's witnesses vouch for. */
function finalityOf(trusted: readonly SigningWitness[]): Anchor['finality'] {
  return { kind: 'witnesses', witnesses: trusted.map(({ name, publicKey }) => ({ name, publicKey })) };
}

function witnessAnchorOf(anchor: Anchor): Anchor {
  return { ...anchor, finality: finalityOf(witnesses) };
}

/** As `dew start` composes it, but with witnesses and pace of the test's own. */
async function openSources(world: World, anchor: Anchor): Promise<DewSources> {
  const { node, calls } = world;
  const plain = openRpc({ url: node.url, timeoutMs: 2_000 });
  const rpc: Rpc = {
    url: plain.url,
    call: (request) => {
      calls.push(request.method);
      return plain.call(request);
    },
  };
  const finality = { kind: 'rpc', url: node.url, confirmations: 0 } as const;
  const pace = { anchor: { ...anchor, finality }, pollMs: 20, maxBackoffMs: 200 };
  if (anchor.finality.kind === 'rpc') {
    const ledger = await openEvmLedger(pace);
    return { ledger, close: () => ledger.close() };
  }
  const deps = { rpc, anchor, crypto };
  const troubles = (): void => undefined;
  const vouching = openVouching(deps, { ask: createAsk(world, plain), onTrouble: troubles }, { sharedMs: 20 });
  const ledger = await openEvmLedger({ ...pace, finalHead: async () => (await vouching.newest()).block });
  const bundles = {
    maker: createBundleMaker({ ...deps, vouching }),
    verify: (bundle: Uint8Array, by: Anchor) => void openState(bundle, by, 0n),
    refreshEveryMs: 0,
    keepSeconds: 2_592_000,
  };
  return { ledger, bundles, close: () => ledger.close() };
}

async function bootDew(world: World): Promise<Dew> {
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
    anchor: world.home,
    openSources: (anchor) => openSources(world, anchor),
    verifyCall: () => Promise.resolve(undefined),
    isSignedBy,
    clock: Date.now,
    random: () => 0.1,
    log: createLog({ name: 'dew', level: 'warn' }, { write: (line) => world.logged.push(line) }),
  });
  onTestFinished(() => dew.close());
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

/** Hands the dew its next anchor, by which bundles are opened from then on. */
async function rotate(world: World, change: Partial<Anchor>): Promise<void> {
  const next = anchorSchema.parse({ ...world.anchor, version: world.anchor.version + 1, ...change });
  const input = await signAnchor(next, rootKeys.slice(0, 2));
  await callDaemon({ folder: world.folder, command: 'import-anchors', input });
  world.anchor = next;
}

describe('a newer anchor', () => {
  test('of other witnesses has bundles made that they vouch for, at once; what was there is served until then', async () => {
    const world = await createWorld(() => startHardhat());
    const device = await enrolled(world);
    const before = await world.fetch(device);
    for (const { name } of later) world.lies.set(name, () => Promise.resolve(undefined));
    await rotate(world, { finality: finalityOf(later) });
    await until(() => world.dew.status().bundles?.trouble?.code === 'LEDGER_BEHIND');
    const kept = await world.fetch(device);
    expect(kept.headers.get('etag')).toBe(before.headers.get('etag'));
    expect(world.dew.status()).toMatchObject({ anchorVersion: 2, bundles: { groups: [{ isFormer: true }] } });
    // A restart without them serves it still: devices that have the former anchor take it.
    await world.dew.close();
    await world.boot();
    expect((await world.fetch(device)).headers.get('etag')).toBe(before.headers.get('etag'));
    for (const { name } of later) world.lies.delete(name);
    const state = await until(async () => {
      const response = await world.fetch(device);
      if (response.headers.get('etag') === before.headers.get('etag')) return undefined;
      return openState(new Uint8Array(await response.arrayBuffer()), world.anchor, 0n);
    });
    expect(state.vouchers?.signers.every((name) => later.some((one) => one.name === name))).toBe(true);
    expect(state.device(device as `0x${string}`)?.group).toBe(group);
    expect(world.dew.status().bundles).toMatchObject({ trouble: null, groups: [{ isFormer: false }] });
    await world.submit('publisher', proposal(1n));
    await world.says(device, (one) => one.record(resource)?.version === 1n);
  });

  test('that trusts witnesses where the one before trusts a node begins to prove', async () => {
    const world = await createWorld(() => startHardhat(), { first: (anchor) => anchor });
    const device = await enrol(world);
    expect((await world.fetch(device)).status).toBe(404);
    await rotate(world, { finality: finalityOf(witnesses) });
    await world.says(device, (state) => state.device(device as `0x${string}`)?.group === group);
  });

  test('of another registry has that one read, and its facts served', async () => {
    const world = await createWorld(() => startHardhat());
    const device = await enrolled(world);
    const next = await deployEvmTenant(world.node, { approvalThreshold: 0 });
    const { registry, codeHash, beginsAt } = next.deployed.anchor;
    const registrar = await next.openLedger('registrar');
    const account = device as `0x${string}`;
    await registrar.submit({ type: 'enrol-device', account, kind: 'edge', group: elsewhere, profile: undefined });
    await registrar.close();
    await rotate(world, { registry, codeHash, beginsAt });
    await until(async () => {
      const response = await world.fetch(device);
      if (response.status !== 200) return false;
      const state = orUndefined(new Uint8Array(await response.arrayBuffer()), world.anchor);
      return state?.device(account)?.group === elsewhere;
    });
  });
});

test('a dew that lost its disk proves of what its group was told that it went', async () => {
  const world = await createWorld(() => startHardhat());
  const device = await enrolled(world);
  await world.submit('publisher', proposal(1n));
  await world.says(device, (state) => state.record(resource)?.group === group);
  const grant = { resource, subject: role, actions: ['read'], offline: false, expiresAt: NEVER } as const;
  await world.submit('policy-admin', { type: 'set-grant', ...grant });
  const [moved] = proposal(2n).proposals;
  await world.submit('publisher', { type: 'propose', proposals: [{ ...moved, group: elsewhere }] });
  await world.says(device, (state) => state.record(resource)?.group === elsewhere);
  await world.dew.close();
  world.folder = temporaryFolder();
  await world.boot();
  const state = await world.says(device, () => true);
  expect(state.record(resource)).toMatchObject({ version: 2n, group: elsewhere });
  expect(state.tellsOf?.({ kind: 'grant', resource, subject: role })).toBe(true);
});

function orUndefined(bundle: Uint8Array, anchor: Anchor): VerifiedState | undefined {
  try {
    return openState(bundle, anchor, 0n);
  } catch {
    return undefined;
  }
}

function gone(name: string): DewproofError {
  return new DewproofError('DEW_UNAVAILABLE', `${name} is gone.`);
}
