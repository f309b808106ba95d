import { describe, expect, test } from 'vitest';
import { accountSubject, resourceIdOf } from '../../../core/ids.ts';
import { factsOf } from '../../../core/ledger/facts.ts';
import { emptyLedgerState } from '../../../core/ledger/state.ts';
import type { Action, Grant } from '../../../core/policy.ts';
import { failedCanaries } from '../../../core/rollout/count-failures.ts';
import { MAX_CANARIES, MAX_ORDER_BYTES, signedOrderSchema, type RolloutOrder } from '../../../core/rollout/order.ts';
import { verifyOrder, type OrderQuestion } from '../../../core/rollout/verify-order.ts';
import { isSignedBy } from '../../../cli/is-signed-by.ts';
import { walletOf } from '../../platform/wallets.ts';
import { codeOf } from '../support/code-of.ts';
import { AUTHOR_WALLET, orderOf, signOrder, signOutcome } from '../support/rollout.ts';

const resource = resourceIdOf({ tenant: 'greenfields', name: 'climate' });
const identity = orderOf().ledger as OrderQuestion['identity'];

function factsWith(actions: readonly Action[], of: Partial<Grant> = {}) {
  const subject = accountSubject(walletOf(AUTHOR_WALLET).account);
  const grant: Grant = { resource, subject, actions, offline: false, expiresAt: 100n, ...of };
  return factsOf({ ...emptyLedgerState, grants: new Map([[grant.resource, new Map([[grant.subject, grant]])]]) });
}

async function verdict({
  order = orderOf(),
  wallet = AUTHOR_WALLET,
  ...rest
}: { order?: RolloutOrder; wallet?: number } & Partial<OrderQuestion> = {}) {
  const signed = await signOrder(order, wallet);
  const question = { signed, identity, resource, known: undefined, facts: factsWith(['manage']), now: 99n, ...rest };
  return codeOf(() => verifyOrder(question, { isSignedBy }));
}

describe('verifyOrder', () => {
  test('takes the order of an author who may manage the resource', async () => {
    expect(await verdict()).toBeUndefined();
  });

  test.each([
    ['reads, writes and invokes only', factsWith(['read', 'write', 'invoke'])],
    [
      'may manage another resource',
      factsWith(['manage'], { resource: resourceIdOf({ tenant: 'greenfields', name: 'pump' }) }),
    ],
    ['may no longer', factsWith(['manage'], { expiresAt: 99n })],
    ['has no grant', factsOf(emptyLedgerState)],
  ])('refuses an author who %s', async (_, facts) => {
    expect(await verdict({ facts })).toBe('FORBIDDEN');
  });

  test("refuses what somebody else signed in the author's name", async () => {
    expect(await verdict({ wallet: 3 })).toBe('UNAUTHENTICATED');
  });

  test.each<Partial<RolloutOrder>>([
    { from: { ...orderOf().from, digest: orderOf().to.digest } },
    { to: { ...orderOf().to, version: 3 } },
    { share: { percent: 1 } },
    { seed: '00'.repeat(32) },
    { population: 5 },
    { canaries: [walletOf(9).account] },
    { phase: 'promoted' },
    { serial: 2 },
  ])('refuses an order that was changed after it was signed: %j', async (change) => {
    const { signature } = await signOrder(orderOf());
    expect(await verdict({ signed: { order: orderOf(change), signature } })).toBe('UNAUTHENTICATED');
  });

  test.each(['chain', 'genesis', 'registry'])('refuses an order of another ledger: its %s', async (field) => {
    expect(await verdict({ identity: { ...identity, [field]: `0x${'11'.repeat(32)}` } })).toBe('WRONG_CHAIN');
  });

  test('takes a checksummed registry and a lower-case one as one ledger, either way round', async () => {
    // EIP-55's own example.
    const checksummed = { ...identity, registry: '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed' };
    const lowerCase = { ...identity, registry: checksummed.registry.toLowerCase() };
    expect(lowerCase).not.toEqual(checksummed);
    const other = { ...identity, registry: walletOf(4).account };
    for (const ledger of [checksummed, lowerCase]) {
      for (const held of [checksummed, lowerCase]) {
        expect(await verdict({ order: orderOf({ ledger }), identity: held })).toBeUndefined();
      }
      expect(await verdict({ order: orderOf({ ledger }), identity: other })).toBe('WRONG_CHAIN');
    }
  });

  test.each([{ name: 'pump' }, { tenant: 'elsewhere' }])(
    'refuses an order about another resource: %j',
    async (rest) => {
      expect(await verdict({ order: orderOf(rest) })).toBe('WRONG_RESOURCE');
    },
  );

  test('refuses an older serial, and another order of the same one; takes the same order again', async () => {
    const known = orderOf({ serial: 5 });
    expect(await verdict({ order: orderOf({ serial: 4 }), known })).toBe('ROLLBACK');
    expect(await verdict({ order: orderOf({ serial: 5, phase: 'aborted' }), known })).toBe('EQUIVOCATION');
    expect(await verdict({ order: known, known })).toBeUndefined();
    expect(await verdict({ order: orderOf({ serial: 6, phase: 'aborted' }), known })).toBeUndefined();
  });

  test('a serial counts within one version alone: nobody can close a resource to all orders to come', async () => {
    const known = orderOf({ serial: Number.MAX_SAFE_INTEGER });
    const newer = { ...known.to, version: 3 };
    expect(await verdict({ order: orderOf({ from: known.to, to: newer, serial: 1 }), known })).toBeUndefined();
    expect(await verdict({ order: known, known: orderOf({ from: known.to, to: newer, serial: 1 }) })).toBe('ROLLBACK');
  });
});

describe('an order as it travels', () => {
  const accounts = Array.from({ length: MAX_CANARIES }, (_, index) => walletOf(index + 1).account);

  test.each<readonly [string, object]>([
    ['a field that nobody knows', { colour: 'blue' }],
    ['a version to come that is older', { to: { ...orderOf().to, version: 1 } }],
    ['no canaries', { canaries: [] }],
    ['a canary twice', { canaries: [accounts[0], accounts[0]] }],
    ['more canaries than devices', { population: 1, canaries: accounts.slice(0, 2) }],
    ['too many canaries', { population: 1000, canaries: [...accounts, walletOf(1000).account] }],
    ['a threshold that can not be reached', { errorThreshold: 2 }],
    ['no share', { share: { percent: 0 } }],
    ['a serial that is none', { serial: 0 }],
    ['an upper-case account', { canaries: ['0xAA'.padEnd(42, 'A')] }],
    ['another kind', { kind: 'Anchor' }],
  ])('is refused with %s', async (_, rest) => {
    const { signature } = await signOrder(orderOf());
    expect(signedOrderSchema.safeParse({ order: { ...orderOf(), ...rest }, signature }).success).toBe(false);
  });

  test('fits its cap at its largest', async () => {
    const long = 'n'.repeat(63);
    const order = orderOf({
      tenant: long,
      name: long,
      population: 1_000_000,
      canaries: accounts,
      serial: Number.MAX_SAFE_INTEGER,
    });
    const signed = await signOrder({
      ...order,
      ledger: { ...order.ledger, chain: 'c'.repeat(128), registry: 'r'.repeat(128) },
    });
    expect(signedOrderSchema.safeParse(signed).success).toBe(true);
    expect(JSON.stringify(signed).length).toBeLessThan(MAX_ORDER_BYTES);
  });
});

describe('failedCanaries', () => {
  const [first, second] = [walletOf(1).account, walletOf(5).account];
  const order = orderOf({ canaries: [first, second] });
  const count = async (...outcomes: readonly Promise<Awaited<ReturnType<typeof signOutcome>>>[]) =>
    failedCanaries({ order, outcomes: await Promise.all(outcomes) }, { isSignedBy }).size;

  test('counts each failed canary once', async () => {
    const failed = signOutcome(order, { wallet: 1 });
    expect(
      await count(failed, signOutcome(order, { wallet: 1, code: 'TIMEOUT' }), signOutcome(order, { wallet: 5 })),
    ).toBe(2);
  });

  test.each<readonly [string, Parameters<typeof signOutcome>[1], RolloutOrder]>([
    ['somebody else signed', { wallet: 1, signedBy: 9 }, order],
    ["is no canary's", { wallet: 9 }, order],
    ['is no failure', { wallet: 1, state: 'running' }, order],
    ['is about another order', { wallet: 1 }, orderOf({ canaries: [first, second], serial: 2 })],
  ])('counts nothing that %s', async (_, of, about) => {
    expect(await count(signOutcome(about, of))).toBe(0);
  });
});
