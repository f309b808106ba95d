import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Account } from '../../core/account.ts';
import { MAX_WANTED } from '../../core/wire/secrets.ts';
import { planDeviceSecrets, type DeviceSecretsQuestion } from '../../dew/secrets/plan-device-secrets.ts';

const accountOf = (index: number): Account => `0x${(index + 1).toString(16).padStart(40, '0')}`;
const all = (length: number): readonly number[] => Array.from({ length }, (_, index) => index);

/** A group whose first `holders` devices have copies of all secrets, which the others lack. */
function groupOf({ holders, lacking, secrets }: Readonly<Record<'holders' | 'lacking' | 'secrets', number>>) {
  const devices = new Map(
    all(holders + lacking)
      .map(accountOf)
      .map((account) => [account, { account, kind: 'edge', group: 'barn', status: 'active' }]),
  );
  const copies = new Map(all(holders).map((index) => [accountOf(index), accountOf(0)]));
  const entries = all(secrets).map((index) => ({
    resource: 'climate',
    record: { tenant: 'greenfields', resource: 'climate', name: `key-${index}`, version: 1, commitment: 'sha256:' },
    copies,
  }));
  const heads = new Map([['climate', { status: 'active', group: 'barn' }]]);
  return (device: number, { turn, distrusted }: { turn: number; distrusted?: number }) =>
    planDeviceSecrets({
      device: devices.get(accountOf(device)),
      state: { devices, heads },
      store: {
        list: () => entries,
        isDistrusted: (_: unknown, { by }: { by: Account }) => by === accountOf(distrusted ?? -2),
      },
      keys: { get: () => '0x' },
      now: BigInt(turn * 30),
    } as unknown as DeviceSecretsQuestion).wanted;
}

test('each copy is asked of two holders at a time, and of every one in its turn', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 5 }),
      fc.nat(1000),
      (holders, lacking, from) => {
        const plan = groupOf({ holders, lacking, secrets: 1 });
        const asked = new Map<string, Set<number>>();
        for (const turn of all(holders)) {
          const pairs = all(holders).flatMap((holder) =>
            plan(holder, { turn: from + turn }).map(({ recipient }) => ({ holder, recipient })),
          );
          expect(pairs).toHaveLength(Math.min(2, holders) * lacking);
          for (const { holder, recipient } of pairs)
            asked.set(recipient, (asked.get(recipient) ?? new Set()).add(holder));
        }
        for (const who of asked.values()) expect(who.size).toBe(holders);
        expect(asked.size).toBe(lacking);
      },
    ),
  );
});

test('whoever sealed what its device could not use is not asked', () => {
  const plan = groupOf({ holders: 2, lacking: 3, secrets: 1 });
  expect(plan(0, { turn: 5, distrusted: 0 })).toEqual([]);
  expect(plan(1, { turn: 5, distrusted: 0 })).toHaveLength(3);
});

test('no plan asks for more than a device may be asked', () => {
  expect(groupOf({ holders: 2, lacking: 200, secrets: 200 })(0, { turn: 0 })).toHaveLength(MAX_WANTED);
});

test('a poll in a large group that lacks much costs no seconds, as sorting all holders for each copy did', () => {
  const plan = groupOf({ holders: 300, lacking: 5, secrets: 1000 });
  const begunMs = performance.now();
  plan(0, { turn: 0 });
  // Over 30 s before; tens of milliseconds now.
  expect(performance.now() - begunMs).toBeLessThan(5000);
});
