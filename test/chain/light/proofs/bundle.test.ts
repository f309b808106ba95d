import fc from 'fast-check';
import { encode } from 'cborg';
import { describe, expect, test } from 'vitest';
import { decodeBundle } from '../../../../chain/light/bundle/decode-bundle.ts';
import { MAX_PROOF_BYTES } from '../../../../chain/light/bundle/limits.ts';
import type { ProofBundle } from '../../../../chain/light/bundle/proof-bundle.ts';
import { checkBundle } from '../../../../chain/light/check-bundle.ts';
import { loadProofCrypto } from '../../../../chain/light/crypto/load-crypto.ts';
import { nobleCrypto } from '../../../../chain/light/crypto/noble-crypto.ts';
import { fromHex } from '../../../../chain/light/hex.ts';
import {
  four,
  NOW,
  qbftAnchor,
  qbftBundle,
  seven,
  tamper,
  verdictOf,
  witnessAnchor,
  witnessBundle,
} from '../../../support/test-bundles.ts';
import { absentResource, codeHash, device, resources, tenantState } from '../../../support/test-registry.ts';
import { refusalOf } from './refusal-of.ts';

const crypto = await loadProofCrypto();
const samples = [
  { name: 'four validators', bundle: qbftBundle(four), anchor: qbftAnchor(four) },
  { name: 'seven validators', bundle: qbftBundle(seven), anchor: qbftAnchor(seven) },
  { name: 'witnesses', bundle: witnessBundle(), anchor: witnessAnchor() },
];
const sample = samples[0] ?? { name: '', bundle: new Uint8Array(0), anchor: qbftAnchor(four) };
const verdict = (bundle: Uint8Array, anchor: (typeof sample)['anchor'] = sample.anchor) =>
  verdictOf(bundle, { anchor, crypto });
const tampered = (change: (parts: ProofBundle) => Partial<ProofBundle>) => verdict(tamper(sample.bundle, change));

describe.each(samples)('a bundle of $name', ({ bundle, anchor }) => {
  const open = (bytes: Uint8Array) => verdictOf(bytes, { anchor, crypto });

  test('opens alike with either implementation', () => {
    expect(open(bundle)).toBe('ok');
    expect(verdictOf(bundle, { anchor, crypto: nobleCrypto })).toBe('ok');
    const facts = [crypto, nobleCrypto].map((one) => checkBundle(bundle, { anchor, now: NOW, crypto: one }));
    expect(facts[0]).toEqual(facts[1]);
  });

  test('is refused with any one bit flipped, or says what is true of another key', () => {
    // Of each sample a ninth of all bits, over runs all of them.
    const start = Math.floor(Math.random() * 9);
    const before = checkBundle(bundle, { anchor, now: NOW, crypto });
    for (let bit = start; bit < bundle.length * 8; bit += 9) {
      const flipped = Uint8Array.from(bundle);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      if (open(flipped) !== 'ok') continue;
      // The nodes that show one key show also that keys beside it are absent: true of the ledger, and less than before.
      const after = checkBundle(flipped, { anchor, now: NOW, crypto });
      expect(after.finalized).toEqual(before.finalized);
      const [was, is] = [factsIn(before), factsIn(after)];
      for (const [key, value] of is) expect(value, `bit ${bit}, ${key}`).toEqual(was.get(key));
      const moved = [...is.keys()].filter((key) => !was.has(key));
      expect(moved, `bit ${bit}`).toHaveLength(1);
      expect(is.get(moved[0] ?? ''), `bit ${bit}`).toBeUndefined();
    }
  });

  test('is refused cut off anywhere', () => {
    for (let length = 0; length < bundle.length; length++) expect(open(bundle.subarray(0, length))).toBe('SCHEMA');
  });

  test('is refused with anything after it', () => {
    for (let byte = 0; byte < 256; byte++) expect(open(Uint8Array.from([...bundle, byte]))).toBe('SCHEMA');
    expect(open(Uint8Array.from([...bundle, ...bundle]))).toBe('SCHEMA');
  });

  test('is refused with bytes removed, repeated or moved', () => {
    fc.assert(
      fc.property(
        fc.nat(bundle.length - 1),
        fc.integer({ min: 1, max: 64 }),
        fc.nat(bundle.length),
        (from, size, to) => {
          const part = bundle.subarray(from, from + size);
          const rest = Buffer.concat([bundle.subarray(0, from), bundle.subarray(from + size)]);
          const place = Math.min(to, rest.length);
          const moved = Buffer.concat([rest.subarray(0, place), part, rest.subarray(place)]);
          const repeated = Buffer.concat([bundle.subarray(0, from), part, bundle.subarray(from)]);
          expect(open(new Uint8Array(rest))).not.toBe('ok');
          expect(open(new Uint8Array(repeated))).not.toBe('ok');
          if (!moved.equals(bundle)) expect(open(new Uint8Array(moved))).not.toBe('ok');
        },
      ),
      { numRuns: 500 },
    );
  });

  test('is refused where an element of any of its lists is missing, repeated or moved', () => {
    const lists = ['heads', 'devices', 'grants', 'members', 'nodes'] as const;
    for (const list of lists) {
      const items = decodeBundle(bundle)[list];
      for (const index of items.keys()) {
        const without = items.filter((_, one) => one !== index);
        const item = items.slice(index, index + 1);
        const changed = [
          [...items, ...item],
          [...items.slice(0, index), ...item, ...items.slice(index)],
          ...(index > 0 ? [[...item, ...without]] : []),
          // One fact fewer may be an honest bundle, but for nodes that nothing needs then.
          ...(list === 'nodes' ? [without] : []),
        ];
        for (const [way, one] of changed.entries()) {
          expect(open(tamper(bundle, () => ({ [list]: one }))), `${list} ${index}, way ${way}`).not.toBe('ok');
        }
      }
    }
  });

  test('gives nothing to one who trusts others', () => {
    for (const other of samples) {
      if (other.anchor === anchor) continue;
      expect(verdictOf(bundle, { anchor: other.anchor, crypto })).not.toBe('ok');
    }
  });
});

describe('what a bundle says', () => {
  const { facts, finalized } = checkBundle(sample.bundle, { anchor: sample.anchor, now: NOW, crypto });

  test('is what the ledger says', () => {
    for (const resource of resources) expect(facts.heads.get(resource)).toEqual(tenantState.heads.get(resource));
    expect(facts.devices).toEqual(tenantState.devices);
    for (const [resource, subjects] of tenantState.grants) {
      for (const [subject, grant] of subjects) expect(facts.grants.get(resource)?.get(subject)).toEqual(grant);
    }
    expect(facts.members).toEqual(tenantState.members);
    expect(finalized.head.height).toBe(500n);
  });

  test('tells absent from unsaid', () => {
    expect(facts.heads.has(absentResource)).toBe(true);
    expect(facts.heads.get(absentResource)).toBeUndefined();
    expect(facts.heads.has(`0x${'12'.repeat(32)}`)).toBe(false);
    const [first] = resources;
    expect(facts.grants.get(first)?.has(`0x${'ff'.repeat(32)}`)).toBe(true);
  });

  test.each<[string, (parts: ProofBundle) => Partial<ProofBundle>, string]>([
    [
      'a revoked record passed off as absent',
      ({ heads }) => ({ heads: heads.map(({ resource }) => ({ resource, head: undefined })) }),
      'PROOF_INVALID/fact-hidden',
    ],
    [
      'a revoked record passed off as active',
      ({ heads }) => ({
        heads: heads.map(({ resource, head }) => ({ resource, head: head && { ...head, status: 1 } })),
      }),
      'PROOF_INVALID/fact-altered',
    ],
    [
      'another version',
      ({ heads }) => ({
        heads: heads.map(({ resource, head }) => ({ resource, head: head && { ...head, version: head.version + 1n } })),
      }),
      'PROOF_INVALID/fact-altered',
    ],
    [
      'another digest',
      ({ heads }) => ({
        heads: heads.map(({ resource, head }) => ({ resource, head: head && { ...head, digest: new Uint8Array(32) } })),
      }),
      'PROOF_INVALID/fact-altered',
    ],
    [
      'another group',
      ({ heads }) => ({
        heads: heads.map(({ resource, head }) => ({ resource, head: head && { ...head, group: new Uint8Array(32) } })),
      }),
      'PROOF_INVALID/fact-altered',
    ],
    [
      'a record for a resource that has none',
      ({ heads }) => ({
        heads: heads.map(({ resource, head }) => ({ resource, head: head ?? heads[0]?.head })),
      }),
      'PROOF_INVALID/fact-invented',
    ],
    [
      'records that changed places',
      ({ heads }) => ({
        heads: heads.map(({ resource }, index) => ({ resource, head: heads[(index + 2) % 4]?.head ?? heads[0]?.head })),
      }),
      'PROOF_INVALID/fact-altered',
    ],
    [
      'a suspended device passed off as active',
      ({ devices }) => ({
        devices: devices.map(({ account, device: found }) => ({ account, device: found && { ...found, status: 1 } })),
      }),
      'PROOF_INVALID/fact-altered',
    ],
    [
      'a device in another group',
      ({ devices }) => ({
        devices: devices.map(({ account, device: found }) => ({
          account,
          device: found && { ...found, group: new Uint8Array(32) },
        })),
      }),
      'PROOF_INVALID/fact-altered',
    ],
    [
      'a device passed off as not enrolled',
      ({ devices }) => ({ devices: devices.map(({ account }) => ({ account, device: undefined })) }),
      'PROOF_INVALID/fact-hidden',
    ],
    [
      'the slot of another resource',
      ({ heads }) => ({
        heads: heads.map((claim, index) => (index === 0 ? { ...claim, resource: new Uint8Array(32) } : claim)),
      }),
      'PROOF_INVALID/node-hash',
    ],
    [
      'a state that is not the header’s',
      ({ header }) => ({ header: flipByte(header, 100) }),
      'PROOF_INVALID/seal-stranger',
    ],
    ['a note beside seals', () => ({ note: Uint8Array.of(1) }), 'PROOF_INVALID/note-extra'],
    ['the head as a change', ({ header }) => ({ changes: [header] }), 'PROOF_INVALID/change-idle'],
    ['no nodes', () => ({ nodes: [] }), 'PROOF_INVALID/node-missing'],
    ['a node more', ({ nodes }) => ({ nodes: [...nodes, Uint8Array.of(0x80)] }), 'PROOF_INVALID/node-extra'],
  ])('is not %s', (_, change, expected) => {
    expect(tampered(change)).toBe(expected);
  });

  test('is of the anchor’s registry and code', () => {
    const { anchor, bundle } = sample;
    expect(verdictOf(bundle, { anchor: { ...anchor, codeHash: `0x${'cd'.repeat(32)}` }, crypto })).toBe('WRONG_CHAIN');
    expect(codeHash).not.toBe(`0x${'cd'.repeat(32)}`);
    const elsewhere = verdictOf(bundle, { anchor: { ...anchor, registry: device }, crypto });
    expect(elsewhere).toMatch(/^(?:WRONG_CHAIN|PROOF_INVALID\/node-hash)$/);
    expect(verdictOf(bundle, { anchor: { ...anchor, registry: 'memory' }, crypto })).toBe('CONFIG');
    const rpc = { kind: 'rpc', url: 'http://127.0.0.1:1/', confirmations: 0 } as const;
    expect(verdictOf(bundle, { anchor: { ...anchor, finality: rpc }, crypto })).toBe('CONFIG');
  });
});

describe('a bundle’s frame', () => {
  const nested = (depth: number) => Uint8Array.from([...new Uint8Array(depth).fill(0x81), 0x80]);
  test.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'SCHEMA'],
    ['text', new TextEncoder().encode('hello, this is no bundle'), 'SCHEMA'],
    ['a map', encode({ version: 1 }), 'SCHEMA'],
    ['a string', encode('bundle'), 'SCHEMA'],
    ['a tag', Uint8Array.from([0xd9, 0xd9, 0xf7, ...sample.bundle]), 'SCHEMA'],
    ['an indefinite list', Uint8Array.from([0x9f, ...sample.bundle.subarray(1), 0xff]), 'SCHEMA'],
    ['a float', encode([1.5]), 'SCHEMA'],
    ['a negative number', encode([-1]), 'SCHEMA'],
    ['a long form of its length', Uint8Array.from([0x98, 9, ...sample.bundle.subarray(1)]), 'SCHEMA'],
    ['a long form of its version', Uint8Array.from([0x89, 0x18, 1, ...sample.bundle.subarray(2)]), 'SCHEMA'],
    ['another version', Uint8Array.from([0x89, 2, ...sample.bundle.subarray(2)]), 'SCHEMA'],
    ['ten parts', Uint8Array.from([0x8a, ...sample.bundle.subarray(1), 0x80]), 'SCHEMA'],
    ['eight parts', encode([1, [], new Uint8Array(0), null, [], [], [], []]), 'SCHEMA'],
    ['lists within lists', nested(4), 'TOO_DEEP'],
    ['lists within lists, four million of them', nested(MAX_PROOF_BYTES - 1), 'TOO_DEEP'],
    ['a list that claims four billion parts', Uint8Array.of(0x9a, 0xff, 0xff, 0xff, 0xff), 'SCHEMA'],
    ['a string that claims four billion bytes', Uint8Array.of(0x5a, 0xff, 0xff, 0xff, 0xff), 'SCHEMA'],
    ['four million parts', Uint8Array.from([0x9a, 0, 0x30, 0, 0, ...new Uint8Array(0x30_0000)]), 'ENDLESS_DATA'],
    ['more bytes than any bundle', new Uint8Array(MAX_PROOF_BYTES + 1), 'ENDLESS_DATA'],
    ['a short resource', encode([1, [], new Uint8Array(0), null, [[new Uint8Array(31)]], [], [], [], []]), 'SCHEMA'],
    ['half a preimage', encode([1, [], new Uint8Array(0), null, [[new Uint8Array(32), 1]], [], [], [], []]), 'SCHEMA'],
    [
      'more headers than anyone follows',
      encode([1, Array.from({ length: 1025 }, () => new Uint8Array(1)), new Uint8Array(0), null, [], [], [], [], []]),
      'SCHEMA',
    ],
    ['an empty header', encode([1, [], new Uint8Array(0), null, [], [], [], [], []]), 'PROOF_INVALID/rlp-truncated'],
  ])('is not %s', (_, bytes, expected) => {
    expect(verdict(bytes)).toBe(expected);
  });

  test('holds for any bytes at all: a code, never a crash', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(refusalOf(() => checkBundle(bytes, { anchor: sample.anchor, now: NOW, crypto }))).toBeDefined();
      }),
      { numRuns: 1000 },
    );
  });
});

/** All facts, by their keys. */
function factsIn({ facts }: ReturnType<typeof checkBundle>): ReadonlyMap<string, unknown> {
  const nested = [facts.grants, facts.members].flatMap((outer) =>
    [...outer].flatMap(([key, inner]) =>
      [...(inner as ReadonlyMap<string, unknown>)].map(([under, value]) => [`${key}/${under}`, value] as const),
    ),
  );
  return new Map<string, unknown>([...facts.heads, ...facts.devices, ...nested]);
}

function flipByte(bytes: Uint8Array, at: number): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  flipped[at] = (flipped[at] ?? 0) ^ 1;
  return flipped;
}

test('keys of facts are bytes, in one order', () => {
  expect(tampered(({ grants }) => ({ grants: [...grants].reverse() }))).toBe('PROOF_INVALID/fact-order');
  expect(tampered(({ heads }) => ({ heads: [...heads, ...heads.slice(-1)] }))).toBe('PROOF_INVALID/fact-order');
  expect(
    tampered(({ grants }) => ({
      grants: [{ resource: fromHex(`0x${'00'.repeat(32)}`), subject: new Uint8Array(32) }, ...grants],
    })),
  ).toMatch(/ok|node-/);
});
