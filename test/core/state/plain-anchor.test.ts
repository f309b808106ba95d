import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anchorSchema } from '../../../core/state/anchor.ts';
import { readPlainAnchor } from '../../../core/state/plain-anchor.ts';
import { four, qbftAnchor, seven, witnessAnchor } from '../../support/test-bundles.ts';
import { namedAnchor } from '../../support/test-named.ts';

const samples = [
  qbftAnchor(four),
  qbftAnchor(seven),
  witnessAnchor(),
  namedAnchor(four),
  {
    ...witnessAnchor(),
    roots: { threshold: 2, accounts: four.map(({ account }) => account) },
    checkpoint: { height: 7, hash: `0x${'66'.repeat(32)}` as const, time: 1_700_000_000 },
  },
];
const odd = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, '', 0, -1, 1.5, 2 ** 53, NaN, [], {}, '0x', `0x${'AB'.repeat(32)}`, true),
  fc.integer({ min: -2, max: 2 ** 31 }),
  fc.string(),
  fc.constantFrom(...four.map(({ account }) => account)),
  fc.array(fc.constantFrom(...four.map(({ account }) => account)), { maxLength: 5 }),
);
const paths = [
  ['version'],
  ['tenant'],
  ['apiVersion'],
  ['kind'],
  ['chain'],
  ['genesis'],
  ['registry'],
  ['codeHash'],
  ['beginsAt'],
  ['staleAfter'],
  ['maxStaleness'],
  ['roots'],
  ['checkpoint'],
  ...['threshold', 'accounts', 'other'].map((name) => ['roots', name]),
  ...['height', 'hash', 'time', 'other'].map((name) => ['checkpoint', name]),
  ['other'],
  ['__proto__'],
  ['finality'],
  ...['kind', 'validators', 'height', 'hash', 'epochLength', 'witnesses', 'url', 'other'].map((name) => [
    'finality',
    name,
  ]),
  ['finality', 'contract'],
  ...['address', 'codeHash', 'slot', 'other'].map((name) => ['finality', 'contract', name]),
  ['finality', 'validators', '0'],
  ['finality', 'validators', '1'],
  ['finality', 'witnesses', '0'],
  ...['name', 'publicKey', 'other'].map((name) => ['finality', 'witnesses', '1', name]),
];

/** A copy with one field another, or gone where `value` is undefined. */
function withField(target: unknown, { path, value }: { path: readonly string[]; value: unknown }): unknown {
  const [name, ...rest] = path;
  if (name === undefined || typeof target !== 'object' || target === null) return value;
  const entries = Object.entries(target).filter(([key]) => key !== name);
  const inner = withField((target as Record<string, unknown>)[name], { path: rest, value });
  const changed = inner === undefined ? entries : [...entries, [name, inner] as const];
  return Array.isArray(target) ? changed.map(([, one]): unknown => one) : Object.fromEntries(changed);
}

test.each(samples)('an anchor of $finality.kind with nothing unusual is read as the schema reads it', (anchor) => {
  const read = readPlainAnchor(JSON.parse(JSON.stringify(anchor)));
  expect(read).toEqual(anchorSchema.parse(anchor));
});

test('whatever is read, the schema reads alike', () => {
  const change = fc.record({ path: fc.constantFrom(...paths), value: odd });
  let [taken, left] = [0, 0];
  fc.assert(
    fc.property(fc.constantFrom(...samples), fc.array(change, { minLength: 1, maxLength: 2 }), (anchor, changes) => {
      const text = JSON.stringify(changes.reduce<unknown>(withField, anchor));
      const value: unknown = JSON.parse(text);
      const read = readPlainAnchor(value);
      if (read === undefined) left += 1;
      else {
        taken += 1;
        expect(anchorSchema.safeParse(value)).toEqual({ success: true, data: read });
      }
    }),
    { numRuns: 10_000 },
  );
  expect(Math.min(taken, left)).toBeGreaterThan(100);
});

test.each([
  [
    'validators in another order',
    { path: ['finality', 'validators'], value: four.map(({ account }) => account).reverse() },
  ],
  ['no validators', { path: ['finality', 'validators'], value: [] }],
  ['a validator twice', { path: ['finality', 'validators'], value: four.flatMap(({ account }) => [account, account]) }],
  ['a node to trust', { path: ['finality'], value: { kind: 'rpc', url: 'http://127.0.0.1:8545', confirmations: 0 } }],
  ['more roots to sign than there are', { path: ['roots'], value: { threshold: 2, accounts: [four[0]?.account] } }],
])('an anchor with %s is left to the schema', (_, change) => {
  expect(readPlainAnchor(withField(qbftAnchor(four), change))).toBeUndefined();
});

test.each([undefined, null, 7, 'anchor', [], [1], {}])('%j is no anchor', (value) => {
  expect(readPlainAnchor(value)).toBeUndefined();
});
