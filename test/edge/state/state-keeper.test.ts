import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ANY_RESOURCE, ANYONE, accountSubject } from '../../../core/ids.ts';
import type { Anchor } from '../../../core/state/anchor.ts';
import type { FactKey } from '../../../core/state/verified-state.ts';
import { witnessAnchor } from '../../support/test-bundles.ts';
import {
  DEVICE,
  deviceOf,
  GENESIS,
  grantOf,
  ledgerOf,
  makeBundle,
  recordOf,
  without,
  worldAnchor,
} from '../support/bundle-world.ts';
import { GROUP, resourceOf } from '../support/site.ts';
import { openTestKeeper, type TestKeeper } from '../support/test-keeper.ts';

const R = resourceOf('climate');
const ALICE = `0x${'a1'.repeat(20)}` as const;
const record: FactKey = { kind: 'record', resource: R };
const active = ledgerOf({
  records: [recordOf('climate'), recordOf('weather')],
  grants: [grantOf('climate', { to: ALICE })],
});
const revoked = ledgerOf({ records: [recordOf('climate', { status: 'revoked' }), recordOf('weather')] });
/** Another slot changes, so that the storage root does. */
const elsewhere = (state = revoked, version = 2n) => ({
  ...state,
  heads: new Map([...state.heads, [resourceOf('weather'), recordOf('weather', { version })]]),
});

const statusOf = ({ keeper }: TestKeeper) => keeper.newest()?.state.record(R)?.status;
const codeOf = (accepting: Promise<unknown>) =>
  accepting.then(
    () => 'ok',
    (error: unknown) => (error as { code: string }).code,
  );

describe('a bundle that leaves out what an older one told', () => {
  test('brings no revoked version back, also not after a power cut', async () => {
    const device = await openTestKeeper();
    await device.keeper.accept(makeBundle({ state: active, height: 1n }));
    await device.keeper.accept(makeBundle({ state: revoked, height: 2n }));
    await device.keeper.accept(makeBundle({ state: elsewhere(), height: 3n, leave: without('climate') }));
    expect(device.keeper.newest()?.state.block.height).toBe(3n);
    expect(statusOf(device)).toBe('revoked');
    expect(statusOf(await device.boot())).toBe('revoked');
  });

  test('leaves the age of what it does not tell of as it was', async () => {
    const { keeper } = await openTestKeeper();
    await keeper.accept(makeBundle({ state: active, height: 1n, signedAt: GENESIS + 10n }));
    await keeper.accept(makeBundle({ state: elsewhere(active), height: 2n, leave: without('climate') }));
    await keeper.accept(
      makeBundle({ state: elsewhere(active, 3n), height: 3n, signedAt: GENESIS + 99n, leave: without('climate') }),
    );
    expect(keeper.aging.vouchedAt(record)).toBe(GENESIS + 10n);
    expect(keeper.aging.vouchedAt({ kind: 'device', account: DEVICE })).toBe(GENESIS + 99n);
  });

  test('makes everything younger where the storage root is the same, for good', async () => {
    const device = await openTestKeeper();
    await device.keeper.accept(makeBundle({ state: active, height: 1n }));
    await device.keeper.accept(
      makeBundle({ state: active, height: 2n, signedAt: GENESIS + 50n, leave: without('climate') }),
    );
    expect(device.keeper.aging.vouchedAt(record)).toBe(GENESIS + 50n);
    await device.keeper.accept(
      makeBundle({ state: elsewhere(active), height: 3n, signedAt: GENESIS + 60n, leave: without('climate') }),
    );
    expect(device.keeper.aging.vouchedAt(record)).toBe(GENESIS + 50n);
    expect((await device.boot()).keeper.aging.vouchedAt(record)).toBe(GENESIS + 50n);
  });

  test('keeps no grant that a newer bundle tells nothing of where that tells of the policies', async () => {
    const { keeper } = await openTestKeeper();
    await keeper.accept(makeBundle({ state: active, height: 1n }));
    const grant = () => keeper.newest()?.state.grant(R, accountSubject(ALICE));
    expect(grant()).toBeDefined();
    // The ledger dropped the grant: an honest bundle can't name it, but says whether anyone is let in.
    await keeper.accept(makeBundle({ state: { ...active, grants: new Map() }, height: 2n }));
    expect(grant()).toBeUndefined();
  });

  test('keeps no such grant either where the older bundle still counts for something else', async () => {
    const { keeper } = await openTestKeeper({ assigned: ['climate', 'weather'] });
    await keeper.accept(makeBundle({ state: active, height: 1n }));
    await keeper.accept(makeBundle({ state: { ...active, grants: new Map() }, height: 2n, leave: without('weather') }));
    expect(keeper.newest()?.state.record(resourceOf('weather'))?.status).toBe('active');
    expect(keeper.newest()?.state.grant(R, accountSubject(ALICE))).toBeUndefined();
  });

  test('keeps a grant, at its age, where the policies are left out', async () => {
    const { keeper } = await openTestKeeper();
    await keeper.accept(makeBundle({ state: active, height: 1n }));
    const subject = accountSubject(ALICE);
    await keeper.accept(
      makeBundle({ state: { ...elsewhere(active), grants: new Map() }, height: 9n, leave: without('climate') }),
    );
    expect(keeper.newest()?.state.grant(R, subject)).toBeDefined();
    expect(keeper.aging.vouchedAt({ kind: 'grant', resource: R, subject })).toBe(GENESIS + 1n);
  });

  test('is no proof of absence: of what no bundle told, nothing is said', async () => {
    const { keeper } = await openTestKeeper();
    await keeper.accept(makeBundle({ state: active, height: 1n, leave: without('climate') }));
    expect(keeper.newest()?.state.record(R)).toBeUndefined();
    expect(keeper.newest()?.state.tellsOf?.(record)).toBe(false);
  });

  test('is named, where it runs here and was told of before', async () => {
    const { keeper } = await openTestKeeper({ assigned: ['climate'] });
    const never = await keeper.accept(makeBundle({ state: active, height: 1n, leave: without('climate') }));
    expect(never.leftOut).toEqual([]);
    expect((await keeper.accept(makeBundle({ state: active, height: 2n }))).leftOut).toEqual([]);
    const hidden = await keeper.accept(makeBundle({ state: active, height: 3n, leave: without('climate') }));
    expect(hidden.leftOut).toEqual([R]);
  });

  test('has the disk keep the older one until a whole one comes', async () => {
    const { keeper, store } = await openTestKeeper();
    await keeper.accept(makeBundle({ state: active, height: 1n }));
    await keeper.accept(makeBundle({ state: elsewhere(active), height: 2n, leave: without('climate') }));
    expect(await store.digests('bundles')).toHaveLength(2);
    await keeper.accept(makeBundle({ state: elsewhere(active), height: 3n }));
    expect(await store.digests('bundles')).toHaveLength(1);
  });

  test('is refused once too many would have to be kept; a whole one is not', async () => {
    const names = Array.from({ length: 17 }, (_, index) => `r-${index}`);
    const { keeper } = await openTestKeeper({ assigned: names });
    const state = (version: bigint) => ledgerOf({ records: names.map((name) => recordOf(name, { version })) });
    for (let told = 0; told < 16; told++) {
      const leave = without(...names.filter((_, index) => index !== told));
      await keeper.accept(makeBundle({ state: state(BigInt(told + 1)), height: BigInt(told + 1), leave }));
    }
    const seventeenth = { state: state(17n), height: 17n };
    expect(await codeOf(keeper.accept(makeBundle({ ...seventeenth, leave: without(...names.slice(0, 16)) })))).toBe(
      'ENDLESS_DATA',
    );
    expect(await codeOf(keeper.accept(makeBundle(seventeenth)))).toBe('ok');
  });

  test('lost on disk, takes with it what stood behind it', async () => {
    const device = await openTestKeeper();
    await device.keeper.accept(makeBundle({ state: active, height: 1n }));
    await device.keeper.accept(
      makeBundle({
        state: revoked,
        height: 2n,
        leave: ({ devices }) => ({ devices: [...devices], grants: [], members: [] }),
      }),
    );
    await device.keeper.accept(makeBundle({ state: elsewhere(), height: 3n, leave: without('climate') }));
    const [between] = device.memory.head?.kept ?? [];
    if (between === undefined) throw new Error('nothing is kept');
    await device.store.write([{ kind: 'bytes', in: 'bundles', digest: between, value: undefined }]);
    const booted = await device.boot();
    expect(statusOf(booted)).toBeUndefined();
    expect(booted.damage).toMatchObject([{ code: 'STORE_CORRUPT' }]);
  });
});

describe('two blocks of one height that the signers both vouched for', () => {
  const one = makeBundle({ state: active, height: 5n });
  const other = makeBundle({ state: revoked, height: 5n });
  const next = makeBundle({ state: active, height: 6n });
  const frozen = ({ keeper }: TestKeeper) => keeper.aging.freshnessOf(record);

  async function split(): Promise<TestKeeper> {
    const device = await openTestKeeper();
    await device.keeper.accept(one);
    expect(await codeOf(device.keeper.accept(other))).toBe('EQUIVOCATION');
    return device;
  }

  test('freeze the device, with both proofs on disk; nothing newer is taken', async () => {
    const device = await split();
    expect(device.keeper.split()).toMatchObject({ height: 5n });
    expect(frozen(device)).toBe('FROZEN');
    expect(await device.store.digests('bundles')).toHaveLength(2);
    expect(await codeOf(device.keeper.accept(next))).toBe('EQUIVOCATION');
    expect(statusOf(device)).toBe('active');
  });

  test('are remembered over a power cut', async () => {
    const booted = await (await split()).boot();
    expect(frozen(booted)).toBe('FROZEN');
    expect(await codeOf(booted.keeper.accept(next))).toBe('EQUIVOCATION');
  });

  test('are found also below the newest block, among the bundles that are kept', async () => {
    const device = await openTestKeeper();
    await device.keeper.accept(one);
    await device.keeper.accept(makeBundle({ state: elsewhere(active), height: 6n, leave: without('climate') }));
    expect(await codeOf(device.keeper.accept(other))).toBe('EQUIVOCATION');
    expect(frozen(device)).toBe('FROZEN');
  });

  test('are no more than a claim where one has no proof: it is dropped', async () => {
    const device = await openTestKeeper();
    await device.keeper.accept(one);
    const strangers = witnessAnchor(5);
    const claim = makeBundle({ state: revoked, height: 5n, anchor: { ...strangers, genesis: `0x${'12'.repeat(32)}` } });
    expect(await codeOf(device.keeper.accept(claim))).toBe('PROOF_INVALID');
    expect(frozen(device)).toBe('FRESH');
    expect(await codeOf(device.keeper.accept(next))).toBe('ok');
  });

  const checkpointAt = (height: number, version: number): Anchor => ({
    ...worldAnchor,
    version,
    checkpoint: { height, hash: `0x${'ab'.repeat(32)}`, time: Number(GENESIS) },
  });

  test.each([
    ['an anchor that is not newer', checkpointAt(7, 1)],
    ['a newer anchor without a checkpoint', { ...worldAnchor, version: 2 }],
    ['a checkpoint below them', checkpointAt(4, 2)],
  ])('are not lifted by %s', async (_, anchor) => {
    const device = await split();
    device.world.anchor = anchor;
    await codeOf(device.keeper.restore());
    expect(device.keeper.split()).toBeDefined();
    expect(frozen(device)).toBe('FROZEN');
  });

  test("are lifted by a newer anchor's checkpoint, below which nothing counts any more", async () => {
    const device = await split();
    device.world.anchor = checkpointAt(7, 2);
    expect(await codeOf(device.keeper.restore())).toBe('ROLLBACK');
    expect(device.keeper.newest()).toBeUndefined();
    expect(await codeOf(device.keeper.accept(next))).toBe('ROLLBACK');
    const held = makeBundle({ state: active, height: 8n });
    expect(await codeOf(device.keeper.accept(held))).toBe('ok');
    expect(frozen(device)).toBe('FRESH');
    expect(frozen(await device.boot())).toBe('FRESH');
  });
});

describe('freshness', () => {
  test('is of each fact, by the anchor', async () => {
    const { keeper, world } = await openTestKeeper();
    await keeper.accept(makeBundle({ state: active, height: 0n }));
    const at = (seconds: number) => {
      world.now = GENESIS + BigInt(seconds);
      return keeper.aging.freshnessOf(record);
    };
    expect([0, 86_399, 86_400, 2_592_000, 2_592_001].map(at)).toEqual(['FRESH', 'FRESH', 'STALE', 'STALE', 'FROZEN']);
  });
});

test('a witness that signs one block again makes it younger; an older note does not make it older', async () => {
  const { keeper } = await openTestKeeper();
  const signedAt = (seconds: bigint) => makeBundle({ state: active, height: 1n, signedAt: GENESIS + seconds });
  for (const seconds of [10n, 30n, 20n]) await keeper.accept(signedAt(seconds));
  expect(keeper.aging.vouchedAt(record)).toBe(GENESIS + 30n);
});

test('whatever bundles come in whatever order, no time goes back and nothing revoked returns', async () => {
  const states = [active, revoked, elsewhere(), elsewhere(revoked, 5n)];
  const step = fc.record({
    height: fc.bigInt({ min: 1n, max: 7n }),
    late: fc.constantFrom(0n, 3n),
    hides: fc.constantFrom<readonly string[]>([], ['climate'], ['weather'], ['climate', 'weather']),
    hidesAll: fc.boolean(),
    boots: fc.boolean(),
  });
  type Step = typeof step extends fc.Arbitrary<infer Of> ? Of : never;
  const made = new Map<string, Uint8Array>();
  const bundleOf = ({ height, late, hides, hidesAll }: Pick<Step, 'height' | 'late' | 'hides' | 'hidesAll'>) => {
    const key = [height, late, hides.join(), hidesAll].join();
    // The chain has one state a height: active, then revoked for good.
    const state = states[Math.min(Math.floor(Number(height) / 2), 3)] ?? active;
    const leave: NonNullable<Parameters<typeof makeBundle>[0]['leave']> = (claims) => ({
      ...without(...hides)(claims),
      ...(hidesAll && { grants: [], members: [] }),
    });
    const bundle = made.get(key) ?? makeBundle({ state, height, signedAt: GENESIS + height + late, leave });
    made.set(key, bundle);
    return bundle;
  };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 10 }), async (steps) => {
      let device = await openTestKeeper({ assigned: ['climate', 'weather'] });
      const facts: readonly FactKey[] = [
        record,
        { kind: 'record', resource: resourceOf('weather') },
        { kind: 'device', account: DEVICE },
        { kind: 'grant', resource: ANY_RESOURCE, subject: ANYONE },
      ];
      const times = new Map<FactKey, bigint>();
      let wasRevoked = false;
      for (const { height, late, hides, hidesAll, boots } of steps) {
        const code = await codeOf(device.keeper.accept(bundleOf({ height, late, hides, hidesAll })));
        expect(['ok', 'ROLLBACK']).toContain(code);
        if (boots && device.memory.head !== undefined) device = await device.boot();
        for (const fact of facts) {
          const time = device.keeper.aging.vouchedAt(fact);
          if (time === undefined) continue;
          expect(time).toBeGreaterThanOrEqual(times.get(fact) ?? 0n);
          times.set(fact, time);
        }
        if (wasRevoked) expect(statusOf(device)).toBe('revoked');
        wasRevoked ||= statusOf(device) === 'revoked';
      }
    }),
    { numRuns: 25 },
  );
});

test('a device of the group, of which a newer bundle says that it is suspended, does not come back', async () => {
  const peer = `0x${'d2'.repeat(20)}` as const;
  const { keeper } = await openTestKeeper();
  const of = (status: 'active' | 'suspended') => ({
    ...active,
    devices: new Map([deviceOf(), deviceOf(peer, { status })].map((one) => [one.account, one])),
  });
  await keeper.accept(makeBundle({ state: of('active'), height: 1n }));
  await keeper.accept(makeBundle({ state: of('suspended'), height: 2n, leave: without('climate') }));
  const leave: ReturnType<typeof without> = (claims) => ({
    ...without('climate')(claims),
    devices: claims.devices.slice(0, 1),
  });
  await keeper.accept(makeBundle({ state: of('suspended'), height: 3n, leave }));
  expect(keeper.newest()?.state.device(peer)?.status).toBe('suspended');
  expect(keeper.newest()?.state.resourcesOf(GROUP)).toContain(R);
});
