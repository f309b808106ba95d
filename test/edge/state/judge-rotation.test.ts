import { expect, test } from 'vitest';
import { DewproofError, type ErrorCode } from '../../../core/errors.ts';
import type { Anchor } from '../../../core/state/anchor.ts';
import { createRotationJudge } from '../../../edge/state/judge-rotation.ts';
import { createWitnesses } from '../../support/test-witnesses.ts';
import { ledgerOf, makeBundle, openState, worldAnchor } from '../support/bundle-world.ts';

const SERVER = 'http://dew:8470';
const GRACE_MS = 1000;
const all = createWitnesses(6);
const trusting = (version: number, from: number): Anchor => ({
  ...worldAnchor,
  version,
  finality: {
    kind: 'witnesses',
    witnesses: all.slice(from, from + 3).map(({ name, publicKey }) => ({ name, publicKey })),
  },
});
const [former, newer] = [trusting(1, 0), trusting(2, 3)];
const bundleBy = (from: number) => makeBundle({ state: ledgerOf({}), height: 5n, signers: all.slice(from, from + 2) });
const refusalOf = (code: ErrorCode = 'PROOF_INVALID') => new DewproofError(code, 'Refused.');

/** A device that goes by `current`; `offered` is what its server has. */
function setUp({ current, offered }: { readonly current: Anchor; readonly offered?: Anchor }) {
  const world = { current, standing: [] as readonly Anchor[], ms: 0, asked: [] as string[] };
  const listeners: ((anchor: Anchor) => void)[] = [];
  const rotate = (anchor: Anchor) => {
    world.standing = [world.current];
    world.current = anchor;
    for (const listener of listeners) listener(anchor);
  };
  const isOfRotation = createRotationJudge({
    anchors: {
      current: () => world.current,
      standing: () => world.standing,
      onChange: (listener) => listeners.push(listener),
    },
    openState,
    askAnchors: (server) => {
      world.asked.push(server);
      if (offered !== undefined) rotate(offered);
      return Promise.resolve();
    },
    elapsedMs: () => world.ms,
    graceMs: GRACE_MS,
  });
  return { world, rotate, isOfRotation };
}

test('a bundle by signers of a newer anchor is of a rotation where its server has that anchor', async () => {
  const { world, isOfRotation } = setUp({ current: former, offered: newer });
  expect(await isOfRotation({ error: refusalOf(), bundle: bundleBy(3), server: SERVER })).toBe(true);
  expect(world).toMatchObject({ asked: [SERVER], current: { version: 2 } });
});

test('a bundle by strangers is of none where its server has no newer anchor, or is not known', async () => {
  const { world, isOfRotation } = setUp({ current: former });
  expect(await isOfRotation({ error: refusalOf('QUORUM'), bundle: bundleBy(3), server: SERVER })).toBe(false);
  expect(await isOfRotation({ error: refusalOf(), bundle: bundleBy(3), server: undefined })).toBe(false);
  expect(world.asked).toEqual([SERVER]);
});

test('a bundle by former signers is of a rotation for a while, and an attack afterwards', async () => {
  const { world, rotate, isOfRotation } = setUp({ current: former });
  rotate(newer);
  const refused = { error: refusalOf(), bundle: bundleBy(0), server: SERVER };
  world.ms = GRACE_MS - 1;
  expect(await isOfRotation(refused)).toBe(true);
  expect(world.asked).toEqual([]);
  world.ms = GRACE_MS;
  expect(await isOfRotation(refused)).toBe(false);
});

test('a bundle by signers of a newer anchor that was taken just after it had been refused is of a rotation', async () => {
  const { world, rotate, isOfRotation } = setUp({ current: former });
  rotate(newer);
  expect(await isOfRotation({ error: refusalOf(), bundle: bundleBy(3), server: SERVER })).toBe(true);
  expect(world.asked).toEqual([]);
});

test('a bundle by nobody is no rotation’s, however lately one was, nor is what a device starts with', async () => {
  const { rotate, isOfRotation } = setUp({ current: former });
  rotate(newer);
  expect(await isOfRotation({ error: refusalOf(), bundle: Uint8Array.of(1), server: SERVER })).toBe(false);
  const { world, isOfRotation: judge } = setUp({ current: newer });
  world.standing = [former];
  expect(await judge({ error: refusalOf(), bundle: bundleBy(0), server: SERVER })).toBe(false);
});

test.each<ErrorCode>(['ROLLBACK', 'EQUIVOCATION', 'WRONG_CHAIN', 'SCHEMA'])(
  'what is refused as %s is no rotation’s, and nobody is asked',
  async (code) => {
    const { world, isOfRotation } = setUp({ current: former, offered: newer });
    expect(await isOfRotation({ error: refusalOf(code), bundle: bundleBy(3), server: SERVER })).toBe(false);
    expect(world.asked).toEqual([]);
  },
);
