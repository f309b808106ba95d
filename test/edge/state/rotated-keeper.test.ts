import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { DewproofError } from '../../../core/errors.ts';
import { digestOf } from '../../../core/digest.ts';
import type { Anchor } from '../../../core/state/anchor.ts';
import { standingAnchors } from '../../../core/state/standing-anchors.ts';
import type { FactKey } from '../../../core/state/verified-state.ts';
import { createWitnesses } from '../../support/test-witnesses.ts';
import {
  GENESIS,
  ledgerOf,
  makeBundle,
  recordOf,
  without,
  worldAnchor,
  type BundleOf,
} from '../support/bundle-world.ts';
import { resourceOf, TENANT } from '../support/site.ts';
import { openTestKeeper, type TestKeeper } from '../support/test-keeper.ts';

const R = resourceOf('climate');
const record: FactKey = { kind: 'record', resource: R };
const active = ledgerOf({ records: [recordOf('climate')] });
const revoked = ledgerOf({ records: [recordOf('climate', { status: 'revoked' })] });

/** Three witnesses of each version's own. */
const all = createWitnesses(12);
const signersOf = (version: number) => all.slice(3 * (version - 1), 3 * version);
const anchorOf = (version: number, change: Partial<Anchor> = {}): Anchor => ({
  ...worldAnchor,
  finality: {
    kind: 'witnesses',
    witnesses: signersOf(version).map(({ name, publicKey }) => ({ name, publicKey })),
  },
  version,
  ...change,
});
const checkpointAt = (height: number) => ({
  checkpoint: { height, hash: `0x${'ab'.repeat(32)}` as const, time: Number(GENESIS) },
});

/** Has a device go by the last of these, which followed from each other. */
function rotate({ world }: TestKeeper, ...chain: readonly Anchor[]): void {
  world.anchor = chain.at(-1) ?? world.anchor;
  world.standing = standingAnchors(chain);
}

const by = (version: number, of: BundleOf): Uint8Array =>
  makeBundle({ ...of, signers: signersOf(version).slice(0, 2) });
const codeOf = (doing: Promise<unknown>) =>
  doing.then(
    () => 'ok',
    (error: unknown) => (error as { code: string }).code,
  );
const accept = ({ keeper }: TestKeeper, bundle: Uint8Array) => codeOf(keeper.accept(bundle));
const statusOf = ({ keeper }: TestKeeper) => keeper.newest()?.state.record(R)?.status;
const freshness = ({ keeper }: TestKeeper) => keeper.aging.freshnessOf(record);

/** The same device after a power cut, whatever it makes of its disk, and what that was. */
async function reboot(device: TestKeeper): Promise<readonly [TestKeeper, string]> {
  const booted = await device.open();
  return [booted, await codeOf(booted.keeper.restore())];
}

/** A device that believes one bundle by the first anchor. */
async function knowing(of: Partial<BundleOf> = {}): Promise<TestKeeper> {
  const device = await openTestKeeper();
  expect(await accept(device, by(1, { state: active, height: 5n, ...of }))).toBe('ok');
  return device;
}

describe('after a planned rotation', () => {
  test.each(['running', 'booted'])('what was accepted stands, at its age (%s)', async (how) => {
    const known = await knowing();
    rotate(known, anchorOf(1), anchorOf(2, { staleAfter: 60 }));
    const device = how === 'booted' ? await known.open() : known;
    await device.keeper.restore();
    expect(statusOf(device)).toBe('active');
    expect(device.keeper.newest()?.anchorVersion).toBe(1);
    expect(device.keeper.aging.vouchedAt(record)).toBe(GENESIS + 5n);
    device.world.now = GENESIS + 64n;
    expect(freshness(device)).toBe('FRESH');
    // The newest anchor says how long it does.
    device.world.now = GENESIS + 65n;
    expect(freshness(device)).toBe('STALE');
    device.world.now = GENESIS + 2_592_006n;
    expect(freshness(device)).toBe('FROZEN');
  });

  test('twice, with nothing heard in between, it stands as well', async () => {
    const device = await knowing();
    rotate(device, anchorOf(1), anchorOf(2), anchorOf(3));
    const booted = await device.boot();
    expect(statusOf(booted)).toBe('active');
    expect(await accept(booted, by(2, { state: revoked, height: 6n }))).toBe('PROOF_INVALID');
    expect(await accept(booted, by(3, { state: revoked, height: 6n }))).toBe('ok');
    expect(statusOf(await booted.boot())).toBe('revoked');
  });

  test('with one heard in between, what each of them vouched for counts beside the others', async () => {
    const device = await openTestKeeper({ assigned: ['climate', 'weather'] });
    const state = ledgerOf({ records: [recordOf('climate'), recordOf('weather')] });
    expect(await accept(device, by(1, { state, height: 5n }))).toBe('ok');
    rotate(device, anchorOf(1), anchorOf(2));
    const next = {
      ...state,
      heads: new Map([...state.heads, [resourceOf('weather'), recordOf('weather', { version: 2n })]]),
    };
    expect(await accept(device, by(2, { state: next, height: 6n, leave: without('climate') }))).toBe('ok');
    rotate(device, anchorOf(1), anchorOf(2), anchorOf(3));
    const booted = await device.boot();
    expect(statusOf(booted)).toBe('active');
    expect(booted.keeper.newest()?.anchorVersion).toBe(2);
    expect(booted.keeper.aging.vouchedAt(record)).toBe(GENESIS + 5n);
    expect(booted.damage).toEqual([]);
  });

  test.each(['running', 'booted'])("nothing new is taken on the old signers' word (%s)", async (how) => {
    const known = await knowing();
    rotate(known, anchorOf(1), anchorOf(2));
    const device = how === 'booted' ? await known.boot() : known;
    for (const height of [5n, 6n, 2n ** 60n]) {
      expect(await accept(device, by(1, { state: revoked, height }))).toBe('PROOF_INVALID');
    }
    // Not even what is known: it is no news.
    expect(await accept(device, by(1, { state: active, height: 5n }))).toBe('PROOF_INVALID');
    expect(statusOf(device)).toBe('active');
  });

  test('too few of the old signers that stayed are no quorum', async () => {
    const [first, second] = [signersOf(1), signersOf(2)];
    const mixed = [...first.slice(0, 1), ...second.slice(0, 2)].map(({ name, publicKey }) => ({ name, publicKey }));
    const device = await knowing();
    rotate(device, anchorOf(1), anchorOf(2, { finality: { kind: 'witnesses', witnesses: mixed } }));
    const stayed = makeBundle({ state: revoked, height: 6n, signers: first.slice(0, 1) });
    expect(await accept(device, stayed)).toBe('QUORUM');
    expect(statusOf(device)).toBe('active');
  });

  test('a held-back version keeps its evidence', async () => {
    const device = await knowing();
    const bundle = device.memory.head?.bundle ?? digestOf(Buffer.of());
    const { version, digest } = recordOf('climate');
    const committed = { tenant: TENANT, name: 'climate', version, digest, profile: null, bundle };
    await device.memory.remember(() => [{ kind: 'committed', resource: R, value: committed }]);
    const newer = ledgerOf({ records: [recordOf('climate', { version: 2n })] });
    rotate(device, anchorOf(1), anchorOf(2));
    expect(await accept(device, by(2, { state: newer, height: 6n }))).toBe('ok');
    const target = { version, digest, profile: undefined };
    const booted = await device.boot();
    expect((await booted.keeper.groundsFor(target, R)).digest).toBe(bundle);
    // Whom the roots disowned does not vouch for it any more; what the new ones said is believed all the same.
    rotate(booted, anchorOf(1), anchorOf(2), anchorOf(3, checkpointAt(4)));
    expect(await codeOf(booted.keeper.groundsFor(target, R))).toBe('PROOF_INVALID');
  });

  test("of two blocks of one height the old signers' stays, unfrozen, until a higher one comes", async () => {
    const device = await knowing();
    rotate(device, anchorOf(1), anchorOf(2));
    expect(await accept(device, by(2, { state: revoked, height: 5n }))).toBe('EQUIVOCATION');
    expect(device.keeper.split()).toBeUndefined();
    expect(freshness(device)).toBe('FRESH');
    const booted = await device.boot();
    expect(await accept(booted, by(2, { state: revoked, height: 5n }))).toBe('EQUIVOCATION');
    expect(booted.keeper.split()).toBeUndefined();
    expect(statusOf(booted)).toBe('active');
    expect(await accept(booted, by(2, { state: revoked, height: 6n }))).toBe('ok');
    // Of the new ones' own two it is a split.
    expect(await accept(booted, by(2, { state: active, height: 6n }))).toBe('EQUIVOCATION');
    expect(booted.keeper.split()).toMatchObject({ height: 6n });
  });

  test('a split among signers who are enough by the new anchor too is one', async () => {
    const device = await knowing();
    rotate(device, anchorOf(1), { ...anchorOf(1), version: 2, staleAfter: 60 });
    expect(await accept(device, by(1, { state: revoked, height: 5n }))).toBe('EQUIVOCATION');
    expect(device.keeper.split()).toMatchObject({ height: 5n });
  });

  test('a split that was proved before freezes on', async () => {
    const device = await knowing();
    expect(await accept(device, by(1, { state: revoked, height: 5n }))).toBe('EQUIVOCATION');
    rotate(device, anchorOf(1), anchorOf(2));
    expect(freshness(await device.boot())).toBe('FROZEN');
  });

  test('what the disk lost the record of is found by the old signers too, the new ones first', async () => {
    const device = await knowing();
    await device.store.write([{ kind: 'head', value: undefined }]);
    const other = by(2, { state: revoked, height: 5n });
    rotate(device, anchorOf(1), anchorOf(2));
    expect(statusOf(await device.boot())).toBe('active');
    await device.store.write([{ kind: 'bytes', in: 'bundles', digest: digestOf(other), value: other }]);
    expect(statusOf(await device.boot())).toBe('revoked');
  });

  test("stays below the newest anchor's validators' first block where it is older", async () => {
    const device = await knowing();
    const qbft = {
      kind: 'qbft',
      validators: [`0x${'01'.repeat(20)}`],
      hash: `0x${'77'.repeat(32)}`,
      epochLength: 9,
    } as const;
    const finality = (height: number) => ({ finality: { ...qbft, validators: [...qbft.validators], height } });
    rotate(device, anchorOf(1), anchorOf(2, finality(4)));
    expect(statusOf(await device.boot())).toBe('active');
    for (const height of [5, 6]) {
      rotate(device, anchorOf(1), anchorOf(2, finality(height)));
      const [booted] = await reboot(device);
      expect(booted.keeper.newest()).toBeUndefined();
    }
  });
});

describe('after a rotation that disowns', () => {
  test.each<[string, readonly Anchor[]]>([
    ['by a checkpoint', [anchorOf(1), anchorOf(2, checkpointAt(4))]],
    [
      'by a checkpoint, and then rotates once more',
      [anchorOf(1), anchorOf(2, checkpointAt(4)), anchorOf(3, checkpointAt(4))],
    ],
    ['by another registry', [anchorOf(1), anchorOf(2, { registry: `0x${'43'.repeat(20)}` })]],
    ['by other code', [anchorOf(1), anchorOf(2, { codeHash: `0x${'43'.repeat(32)}` })]],
    ['a node', [anchorOf(1, { finality: { kind: 'rpc', url: 'http://n', confirmations: 0 } }), anchorOf(2)]],
    ['by a file that was replaced by hand', [anchorOf(2)]],
  ])('%s, nothing stands', async (_, chain) => {
    const device = await knowing();
    rotate(device, ...chain);
    const [booted, code] = await reboot(device);
    expect(code).not.toBe('ok');
    expect(booted.keeper.newest()).toBeUndefined();
    expect(freshness(booted)).toBe('FROZEN');
  });

  test('heights that the old signers had wound far forward are forgotten, at once and after a boot', async () => {
    const far = { state: active, height: 2n ** 60n, time: GENESIS + 5n };
    for (const how of ['running', 'booted']) {
      const wound = await knowing(far);
      rotate(wound, anchorOf(1), anchorOf(2, checkpointAt(4)));
      const device = how === 'booted' ? (await reboot(wound))[0] : wound;
      await codeOf(device.keeper.restore());
      expect(await accept(device, by(2, { state: revoked, height: 6n }))).toBe('ok');
      expect(statusOf(await device.boot())).toBe('revoked');
    }
  });

  test('heights are forgotten after a power cut too, though it came while what was held was opened by the one before', async () => {
    const state = ledgerOf({ records: [recordOf('climate'), recordOf('weather')] });
    const far = { state, height: 2n ** 60n, time: GENESIS + 5n, leave: without('weather') };
    const device = await openTestKeeper({ assigned: ['climate', 'weather'] });
    for (const of of [{ state, height: 5n }, far]) expect(await accept(device, by(1, of))).toBe('ok');
    rotate(device, anchorOf(1), anchorOf(2));
    const booted = await device.open();
    const { store } = booted;
    const read = store.bytes.bind(store);
    const reading = vi.spyOn(store, 'bytes').mockImplementation((where) => {
      if (reading.mock.calls.length === 3) rotate(device, anchorOf(1), anchorOf(2), anchorOf(3, checkpointAt(4)));
      return read(where);
    });
    await codeOf(booted.keeper.restore());
    expect(reading).toHaveBeenCalledTimes(3);
    reading.mockRestore();
    // All of it was opened by the same word.
    expect(booted.damage).toEqual([]);
    const [again] = await reboot(device);
    expect(again.keeper.newest()).toBeUndefined();
    expect(await accept(again, by(3, { state: revoked, height: 6n }))).toBe('ok');
  });

  test('heights that were wound forward stay where no checkpoint is named', async () => {
    const device = await knowing({ height: 2n ** 60n, time: GENESIS + 5n });
    rotate(device, anchorOf(1), anchorOf(2));
    expect(await accept(device, by(2, { state: revoked, height: 6n }))).toBe('ROLLBACK');
  });

  test('they are forgotten by a later checkpoint, though an anchor between left them standing', async () => {
    const device = await knowing({ height: 2n ** 60n, time: GENESIS + 5n });
    rotate(device, anchorOf(1), anchorOf(2));
    expect(statusOf(await device.boot())).toBe('active');
    rotate(device, anchorOf(1), anchorOf(2), anchorOf(3, checkpointAt(4)));
    const [booted] = await reboot(device);
    expect(await accept(booted, by(3, { state: revoked, height: 6n }))).toBe('ok');
  });
});

describe('a device whose newest anchor decayed', () => {
  /** It goes by the first again, and knows that a second was in use. */
  async function lost(device: TestKeeper): Promise<readonly [TestKeeper, string]> {
    rotate(device, anchorOf(1));
    device.world.missing = 2;
    return reboot(device);
  }

  async function found(device: TestKeeper, newest: Anchor): Promise<TestKeeper> {
    rotate(device, anchorOf(1), newest);
    device.world.missing = undefined;
    await codeOf(device.keeper.restore());
    return device;
  }

  test('serves what stood under that one, and takes nothing new on the word of the one before', async () => {
    const before = await knowing();
    rotate(before, anchorOf(1), anchorOf(2));
    await before.keeper.restore();
    const [device, code] = await lost(before);
    expect([code, statusOf(device)]).toEqual(['ok', 'active']);
    expect(await accept(device, by(1, { state: revoked, height: 6n }))).toBe('STORE_CORRUPT');
    expect(statusOf(device)).toBe('active');
    await found(device, anchorOf(2));
    expect(statusOf(device)).toBe('active');
    expect(await accept(device, by(2, { state: revoked, height: 6n }))).toBe('ok');
  });

  test.each<[string, Anchor]>([
    ['a checkpoint', anchorOf(2, checkpointAt(4))],
    ['another registry', anchorOf(2, { registry: `0x${'43'.repeat(20)}` })],
  ])('serves nothing that %s of that one disowned', async (_, newest) => {
    const before = await knowing();
    rotate(before, anchorOf(1), newest);
    await codeOf(before.keeper.restore());
    const [device] = await lost(before);
    expect(device.keeper.newest()).toBeUndefined();
    expect(await accept(device, by(1, { state: active, height: 6n }))).toBe('STORE_CORRUPT');
    await found(device, newest);
    expect(device.keeper.newest()).toBeUndefined();
  });

  test('serves nothing older that one disowned beside what stood under it', async () => {
    const [one, two, three, four] = all;
    const naming = (version: number, of: typeof all, change: Partial<Anchor> = {}): Anchor => ({
      ...anchorOf(version, change),
      finality: { kind: 'witnesses', witnesses: of.map(({ name, publicKey }) => ({ name, publicKey })) },
    });
    if (!one || !two || !three || !four) return expect.fail('too few witnesses');
    const state = ledgerOf({ records: [recordOf('climate'), recordOf('weather')] });
    const before = await openTestKeeper({ assigned: ['climate', 'weather'] });
    expect(await accept(before, makeBundle({ state, height: 5n, signers: [two, three] }))).toBe('ok');
    const newer = makeBundle({ state, height: 6n, leave: without('climate'), signers: [one, two] });
    expect(await accept(before, newer)).toBe('ok');
    expect([before.memory.head?.kept.length, statusOf(before)]).toEqual([1, 'active']);
    rotate(before, anchorOf(1), naming(2, [one, two, four], checkpointAt(4)));
    await before.keeper.restore();
    expect([before.keeper.newest()?.state.block.height, statusOf(before)]).toEqual([6n, undefined]);
    const [device, code] = await lost(before);
    expect([code, device.keeper.newest()?.state.block.height, statusOf(device)]).toEqual(['ok', 6n, undefined]);
  });

  test('looks for nothing among what the disk holds where the newest one had it forget', async () => {
    const before = await knowing();
    rotate(before, anchorOf(1), anchorOf(2, checkpointAt(4)));
    await codeOf(before.keeper.restore());
    expect(before.memory.head).toBeUndefined();
    const [device, code] = await lost(before);
    expect([code, device.keeper.newest()]).toEqual(['STORE_CORRUPT', undefined]);
  });

  test('starts nothing on evidence alone', async () => {
    const before = await knowing();
    const bundle = before.memory.head?.bundle ?? digestOf(Buffer.of());
    const { version, digest } = recordOf('climate', { version: 2n });
    const committed = { tenant: TENANT, name: 'climate', version, digest, profile: null, bundle };
    await before.memory.remember(() => [{ kind: 'committed', resource: R, value: committed }]);
    rotate(before, anchorOf(1), anchorOf(2));
    await before.keeper.restore();
    const [device] = await lost(before);
    expect(await codeOf(device.keeper.groundsFor({ version, digest, profile: undefined }, R))).toBe('STORE_CORRUPT');
  });
});

describe('which anchor is in use is noted', () => {
  const notedBy = ({ memory }: TestKeeper) => memory.inUse?.version;
  /** The kinds of what each write held. */
  function watchWrites({ store }: TestKeeper): readonly string[][] {
    const writes: string[][] = [];
    const write = store.write.bind(store);
    vi.spyOn(store, 'write').mockImplementation((changes) => {
      writes.push(changes.map(({ kind }) => kind));
      return write(changes);
    });
    return writes;
  }

  test('in one write with the bundle that was taken by it, and again only with another', async () => {
    const device = await openTestKeeper();
    const writes = watchWrites(device);
    expect(await accept(device, by(1, { state: active, height: 5n }))).toBe('ok');
    expect(writes).toEqual([['bytes', 'head', 'in-use']]);
    expect(await accept(device, by(1, { state: active, height: 6n }))).toBe('ok');
    expect(writes[1]).not.toContain('in-use');
    expect(notedBy(await device.boot())).toBe(1);
  });

  test('in one write with what stands under it', async () => {
    const device = await knowing();
    rotate(device, anchorOf(1), anchorOf(2));
    const writes = watchWrites(device);
    await device.keeper.restore();
    expect([writes, notedBy(device)]).toEqual([[['head', 'in-use']], 2]);
    await device.keeper.restore();
    expect(writes).toHaveLength(1);
  });

  test('in one write with what it disowned, so that it does not come back with the one before', async () => {
    const device = await knowing();
    rotate(device, anchorOf(1), anchorOf(2, checkpointAt(4)));
    const writes = watchWrites(device);
    await codeOf(device.keeper.restore());
    expect([writes, notedBy(device), device.memory.head]).toEqual([[['head', 'in-use']], 2, undefined]);
  });

  test('though nothing is known, and nothing that is there opens', async () => {
    const empty = await openTestKeeper();
    await codeOf(empty.keeper.restore());
    expect(notedBy(empty)).toBe(1);
    const device = await knowing();
    rotate(device, anchorOf(2));
    expect((await reboot(device))[1]).toBe('PROOF_INVALID');
    expect(notedBy(await device.open())).toBe(2);
  });

  test('and stays so while it is missing', async () => {
    const device = await knowing();
    rotate(device, anchorOf(1), anchorOf(2));
    await device.keeper.restore();
    rotate(device, anchorOf(1));
    device.world.missing = 2;
    const [booted] = await reboot(device);
    expect(await accept(booted, by(1, { state: active, height: 6n }))).toBe('STORE_CORRUPT');
    expect(notedBy(await device.open())).toBe(2);
  });
});

describe('a rotation while a bundle is taken', () => {
  const disowning = [anchorOf(1), anchorOf(2, checkpointAt(4))] as const;
  const state = ledgerOf({ records: [recordOf('climate'), recordOf('weather')] });

  /** A device that knows of two resources; `next` tells of one of them alone, so that what it knows is kept beside it. */
  async function knowingTwo(signers: number) {
    const device = await openTestKeeper({ assigned: ['climate', 'weather'] });
    expect(await accept(device, by(1, { state, height: 5n }))).toBe('ok');
    return { device, next: by(signers, { state, height: 6n, leave: without('climate') }) };
  }

  /** What is held and what the disk says of it, after `ticks` turns of the microtask queue and a rotation. */
  async function rotateAfter(ticks: number, signers: number) {
    const { device, next } = await knowingTwo(signers);
    const taking = accept(device, next);
    for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
    rotate(device, ...disowning);
    const code = await taking;
    const { head } = device.memory;
    return { device, code, told: [head?.anchorVersion, head?.kept.length, statusOf(device)] };
  }

  test.each(Array.from({ length: 8 }, (_, ticks) => ticks))(
    'writes down nothing that former signers alone vouch for as what the newer ones do (%i)',
    async (ticks) => {
      const { device, code, told } = await rotateAfter(ticks, 2);
      // Too late for it, it was refused as another's.
      if (code !== 'ok') expect([code, ...told]).toEqual(['PROOF_INVALID', 1, 0, 'active']);
      else expect(told).toEqual([2, 0, undefined]);
      await codeOf(device.keeper.restore());
      expect(statusOf(device)).toBeUndefined();
    },
  );

  test.each(Array.from({ length: 8 }, (_, ticks) => ticks))(
    "says of what was taken on the former signers' word that it was (%i)",
    async (ticks) => {
      const { device, code, told } = await rotateAfter(ticks, 1);
      if (code === 'ok') expect(told).toEqual([1, 1, 'active']);
      else expect([code, told[2]]).toEqual(['PROOF_INVALID', undefined]);
      await codeOf(device.keeper.restore());
      expect(device.keeper.newest()).toBeUndefined();
    },
  );

  test('is waited for neither by the disk: what it takes is said to be by whose word it was opened', async () => {
    const { device, next } = await knowingTwo(1);
    const write = device.store.write.bind(device.store);
    vi.spyOn(device.store, 'write').mockImplementationOnce((changes) => {
      rotate(device, ...disowning);
      return write(changes);
    });
    expect(await accept(device, next)).toBe('ok');
    expect(device.memory.head).toMatchObject({ anchorVersion: 1 });
    const [booted] = await reboot(device);
    expect(booted.keeper.newest()).toBeUndefined();
  });

  test('takes nothing beside what could not be judged by the newer one', async () => {
    const { device, next } = await knowingTwo(2);
    expect(await accept(device, by(1, { state: revoked, height: 5n }))).toBe('EQUIVOCATION');
    rotate(device, anchorOf(1), anchorOf(2, checkpointAt(5)));
    vi.spyOn(device.store, 'write').mockRejectedValueOnce(new DewproofError('DISK_FULL', 'full'));
    expect(await accept(device, next)).toBe('DISK_FULL');
    expect(statusOf(device)).toBe('active');
    expect(await accept(device, next)).toBe('ok');
    expect([device.memory.head?.kept, statusOf(device)]).toEqual([[], undefined]);
  });
});

test('that the disk does not take what stands costs nothing but the note of it', async () => {
  const device = await knowing();
  rotate(device, anchorOf(1), anchorOf(2));
  vi.spyOn(device.store, 'write').mockRejectedValueOnce(new DewproofError('DISK_FULL', 'full'));
  await device.keeper.restore();
  expect(statusOf(device)).toBe('active');
  expect(device.damage).toMatchObject([{ code: 'DISK_FULL' }]);
});

test('whatever rotates when: what is believed was accepted by an anchor in use and is disowned by none since', async () => {
  const step = fc.oneof(
    fc.record({ does: fc.constant('rotate' as const), disowns: fc.boolean() }),
    fc.record({ does: fc.constant('offer' as const), behind: fc.integer({ min: 0, max: 2 }) }),
    fc.record({ does: fc.constant('boot' as const) }),
  );
  const made = new Map<string, Uint8Array>();
  const bundleOf = (version: number, height: bigint) => {
    const key = `${version} ${height}`;
    const bundle = made.get(key) ?? by(version, { state: active, height });
    made.set(key, bundle);
    return bundle;
  };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      let device = await openTestKeeper();
      let chain: readonly Anchor[] = [anchorOf(1)];
      let height = 5n;
      let believed: bigint | undefined;
      for (const one of steps) {
        const version = chain.length;
        if (one.does === 'rotate' && version < 4) {
          const before = chain.at(-1)?.checkpoint;
          const change = one.disowns ? checkpointAt(version) : before === undefined ? {} : { checkpoint: before };
          chain = [...chain, anchorOf(version + 1, change)];
          rotate(device, ...chain);
          if (one.disowns) believed = undefined;
          await codeOf(device.keeper.restore());
        } else if (one.does === 'offer') {
          const signers = Math.max(1, version - one.behind);
          const code = await accept(device, bundleOf(signers, ++height));
          expect(code === 'ok').toBe(signers === version);
          if (code === 'ok') believed = height;
        } else if (one.does === 'boot') {
          [device] = await reboot(device);
        }
        expect(device.keeper.newest()?.state.block.height).toBe(believed);
      }
    }),
    { numRuns: 40 },
  );
});
