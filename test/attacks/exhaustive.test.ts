import { beforeAll, describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { decodeBundle } from '../../chain/light/bundle/decode-bundle.ts';
import { encodeBundle } from '../../chain/light/bundle/encode-bundle.ts';
import { checkBundle } from '../../chain/light/check-bundle.ts';
import { parseHeader } from '../../chain/light/qbft/header.ts';
import { loadProofCrypto } from '../../chain/light/crypto/load-crypto.ts';
import { hasCode } from '../../core/errors.ts';
import { digestOf } from '../../core/digest.ts';
import { four, HEIGHT, NOW, qbftAnchor, tamper, witnessAnchor, witnesses } from '../support/test-bundles.ts';
import { plainHeader } from '../support/test-validators.ts';
import { noteOn } from '../support/test-witnesses.ts';
import { DEVICE, GROUP, RESOURCE } from '../core/support/site.ts';
import { factsBundle } from './make/facts.ts';

const crypto = await loadProofCrypto();
const record = {
  resource: RESOURCE,
  version: 3n,
  digest: digestOf(new Uint8Array(1)),
  group: GROUP,
  status: 'active',
} as const;
const device = { account: DEVICE, kind: 'edge', group: GROUP, status: 'active', profile: undefined } as const;
// Nothing in it is absent, so that no other key can take the place of one that is: whatever opens is these very bytes.
const sealed = factsBundle({ heads: [record], devices: [device] });
// Of a QBFT header a note leaves out seals and round, as its hash does; of any other it covers each byte.
const lone = factsBundle({ heads: [record] });
const { stateRoot } = parseHeader(decodeBundle(lone).header);
const header = plainHeader({ height: HEIGHT, stateRoot });
const note = noteOn(header, { anchor: witnessAnchor(), signers: witnesses.slice(0, 2) });
const noted = tamper(lone, () => ({ header, note: new Uint8Array(note) }));

const samples = [
  { name: 'four validators', bundle: sealed, anchor: qbftAnchor(four) },
  { name: 'three witnesses', bundle: noted, anchor: witnessAnchor() },
];

describe.each(samples)('a bundle of $name', { timeout: 180_000 }, ({ bundle, anchor }) => {
  const opens = (bytes: Uint8Array): boolean => {
    try {
      checkBundle(bytes, { anchor, now: NOW, crypto });
      return true;
    } catch (error) {
      // Anything but a coded refusal would be a crash that an attacker can bring about.
      if (hasCode(error)) return false;
      throw error;
    }
  };
  /** The bytes as they are, and a copy to be changed in place and back. */
  const copy = Uint8Array.from(bundle);
  beforeAll(() => {
    expect(opens(copy)).toBe(true);
  });

  test('opens with no bit flipped', () => {
    for (let bit = 0; bit < copy.length * 8; bit++) {
      copy[bit >> 3] = (bundle[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      if (opens(copy)) expect.unreachable(`bit ${bit}`);
      copy[bit >> 3] = bundle[bit >> 3] ?? 0;
    }
  });

  test('opens cut off nowhere', () => {
    for (let length = 0; length < bundle.length; length++) {
      if (opens(bundle.subarray(0, length))) expect.unreachable(`${length} bytes`);
    }
  });

  test('opens with no byte after it, and none before', () => {
    for (let byte = 0; byte < 256; byte++) {
      if (opens(Uint8Array.from([...bundle, byte])) || opens(Uint8Array.from([byte, ...bundle]))) {
        expect.unreachable(`byte ${byte}`);
      }
    }
  });

  test('opens with no byte missing, doubled or exchanged with its neighbour', () => {
    for (let at = 0; at < bundle.length; at++) {
      const [before, rest] = [bundle.subarray(0, at), bundle.subarray(at + 1)];
      const byte = bundle.subarray(at, at + 1);
      if (opens(joined(before, rest)) || opens(joined(before, byte, byte, rest))) expect.unreachable(`byte ${at}`);
      const next = rest.subarray(0, 1);
      if (next.length === 0 || next[0] === byte[0]) continue;
      if (opens(joined(before, next, byte, rest.subarray(1)))) expect.unreachable(`bytes ${at} and ${at + 1}`);
    }
  });

  const parts = decodeBundle(bundle);
  const lists = ['changes', 'heads', 'devices', 'grants', 'members', 'nodes'] as const;
  test.each(lists)('opens with none of its %s missing, doubled or exchanged with another', (list) => {
    const items: readonly unknown[] = parts[list];
    for (const [at, item] of items.entries()) {
      const without = items.filter((_, index) => index !== at);
      const changed = [
        without,
        ...[...items, item]
          .map((_, to) => without.toSpliced(to, 0, item))
          .filter((_, to) => to !== at && to < items.length),
        ...[...items, item].map((_, to) => items.toSpliced(to, 0, item)),
      ];
      for (const one of changed) {
        if (opens(encodeBundle({ ...parts, [list]: one }))) expect.unreachable(`${list} ${at}`);
      }
    }
  });

  test('opens with nothing put into it, cut out of it or moved within it', () => {
    const place = fc.nat(bundle.length);
    fc.assert(
      fc.property(place, place, place, fc.uint8Array({ maxLength: 40 }), (from, to, into, bytes) => {
        const part = bundle.subarray(Math.min(from, to), Math.max(from, to));
        const rest = joined(bundle.subarray(0, Math.min(from, to)), bundle.subarray(Math.max(from, to)));
        const at = Math.min(into, rest.length);
        const changed = [
          joined(bundle.subarray(0, into), bytes, bundle.subarray(into)),
          joined(bundle.subarray(0, into), part, bundle.subarray(into)),
          joined(rest.subarray(0, at), part, rest.subarray(at)),
          rest,
        ];
        for (const one of changed) if (!Buffer.from(one).equals(bundle)) expect(opens(one)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
