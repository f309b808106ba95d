import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scanCbor } from '../../../../chain/light/bundle/scan-cbor.ts';
import { nobleCrypto } from '../../../../chain/light/crypto/noble-crypto.ts';
import { devicePreimage, headPreimage } from '../../../../chain/light/facts/preimages.ts';
import { proveFacts } from '../../../../chain/light/facts/prove-facts.ts';
import { openSlots } from '../../../../chain/light/facts/read-slots.ts';
import { createStorageSlots } from '../../../../chain/light/facts/storage-slots.ts';
import { unpackGrant, unpackMember } from '../../../../chain/light/facts/unpack-slots.ts';
import { encodeRlp, integerBytes, type Rlp } from '../../../../chain/light/rlp.ts';
import { pileNodes } from '../../../../chain/light/trie/node-pile.ts';
import { actionBits, actions } from '../../../../core/policy.ts';
import { buildTrie } from '../../../support/trie-builder.ts';
import { refusalOf } from './refusal-of.ts';

const word = new Uint8Array(32).fill(0xab);
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));

describe('a slot', () => {
  test.each<[string, Rlp, string]>([
    ['a leading zero', Uint8Array.of(0, 5), 'slot-value'],
    ['zero', Uint8Array.of(0), 'slot-value'],
    ['nothing', new Uint8Array(0), 'slot-value'],
    ['33 bytes', new Uint8Array(33).fill(1), 'slot-value'],
    ['a list', [word], 'rlp-bytes'],
  ])('does not hold %s', (_, value, check) => {
    const trie = buildTrie([[nobleCrypto.keccak256(word), encodeRlp(value)]]);
    const slots = openSlots(pileNodes(trie.nodes, nobleCrypto), { root: trie.root, crypto: nobleCrypto });
    expect(refusalOf(() => slots.read(word))).toBe(check);
  });
});

describe('a packed grant', () => {
  test('reads as it was packed', () => {
    const some = fc.subarray([...actions], { minLength: 1 });
    fc.assert(
      fc.property(some, fc.boolean(), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (may, offline, expiresAt) => {
        const packed = (expiresAt << 16n) | (offline ? 256n : 0n) | BigInt(actionBits(may));
        expect(unpackGrant(integerBytes(packed))).toEqual({ actions: may, offline, expiresAt });
      }),
    );
  });
  test.each(['10', '0100', '0201', '05ff', '01ffffffffffffffff0001', `01${'00'.repeat(10)}`])('is not 0x%s', (hex) => {
    expect(refusalOf(() => unpackGrant(bytes(hex)))).toBe('grant-packing');
  });
  test('is no membership, which is a time alone', () => {
    expect(unpackMember(bytes('ffffffffffffffff'))).toBe(2n ** 64n - 1n);
    expect(refusalOf(() => unpackMember(bytes('010000000000000000')))).toBe('member-packing');
  });
});

describe('a fact', () => {
  /** Facts of a registry in which this one alone, and any number for its enum, really stands. */
  function prove(
    claims: Partial<Parameters<typeof proveFacts>[0]>,
    [slot, preimage]: readonly [Uint8Array, Uint8Array],
  ) {
    const leaf = encodeRlp(nobleCrypto.keccak256(preimage));
    const trie = buildTrie([[nobleCrypto.keccak256(slot), leaf]]);
    const reader = openSlots(pileNodes(trie.nodes, nobleCrypto), { root: trie.root, crypto: nobleCrypto });
    const deps = { reader, slots: createStorageSlots(nobleCrypto), crypto: nobleCrypto };
    return refusalOf(() => proveFacts({ heads: [], devices: [], grants: [], members: [], ...claims }, deps));
  }
  const slots = createStorageSlots(nobleCrypto);
  const account = word.subarray(12);

  test.each([1, 2])('has a status that is known: of a head, %i', (status) => {
    const head = { version: 1n, digest: word, group: word, status };
    expect(prove({ heads: [{ resource: word, head }] }, [slots.head(word), headPreimage(head)])).toBeUndefined();
  });
  test.each([0, 3, 255])('has no other, even one that the ledger holds: of a head, %i', (status) => {
    const head = { version: 1n, digest: word, group: word, status };
    expect(prove({ heads: [{ resource: word, head }] }, [slots.head(word), headPreimage(head)])).toBe('fact-enum');
  });
  test.each([
    [7, 1],
    [1, 4],
    [0, 1],
    [1, 0],
  ])('has no other: of a device, kind %i and status %i', (kind, status) => {
    const device = { kind, group: word, status, profile: word };
    const preimage = devicePreimage(device);
    expect(prove({ devices: [{ account, device }] }, [slots.device(account), preimage])).toBe('fact-enum');
  });
});

describe('the scan before anything is parsed', () => {
  test.each<[string, string, string | undefined]>([
    ['a list', '8201f6', undefined],
    ['lists in a list', '82820102820102', undefined],
    ['an empty list', '80', undefined],
    ['an end too early', '8201', 'SCHEMA'],
    ['a string too long', '420a', 'SCHEMA'],
    ['a head cut off', '19ff', 'SCHEMA'],
    ['bytes after the end', '8000', 'SCHEMA'],
    ['a map', 'a0', 'SCHEMA'],
    ['text', '6161', 'SCHEMA'],
    ['a negative number', '20', 'SCHEMA'],
    ['a tag', 'c001', 'SCHEMA'],
    ['a boolean', 'f5', 'SCHEMA'],
    ['an indefinite list', '9f01ff', 'SCHEMA'],
    ['an indefinite string', '5f4101ff', 'SCHEMA'],
    ['a reserved length', '9c', 'SCHEMA'],
    ['four levels', '8181818100', 'TOO_DEEP'],
    ['three levels', '81818100', undefined],
  ])('of %s', (_, hex, expected) => {
    expect(
      refusalOf(() => {
        scanCbor(bytes(hex));
      }),
    ).toBe(expected);
  });
});
