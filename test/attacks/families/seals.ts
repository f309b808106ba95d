import { secp256k1 } from '@noble/curves/secp256k1.js';
import { nobleCrypto } from '../../../chain/light/crypto/noble-crypto.ts';
import { toHex } from '../../../chain/light/hex.ts';
import { parseQbftExtra } from '../../../chain/light/qbft/extra-data.ts';
import { parseHeader } from '../../../chain/light/qbft/header.ts';
import { sealedHash } from '../../../chain/light/qbft/header-hash.ts';
import { decodeRlp, encodeRlp, type Rlp } from '../../../chain/light/rlp.ts';
import { four } from '../../support/test-bundles.ts';
import { replaceItem } from '../../support/test-validators.ts';
import type { Draft, Family } from '../make/draft.ts';
import { head, withHeader } from '../make/sealed.ts';

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const FIELD = 2n ** 256n - 2n ** 32n - 977n;
const word = (value: bigint) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');

const good = head({ set: four });
const header = parseHeader(good);
const extra = parseQbftExtra(header.extraData);
const [seal = new Uint8Array(65)] = extra.seals;
const [r, s, v] = [seal.subarray(0, 32), seal.subarray(32, 64), seal[64] ?? 0];
const sealOf = (parts: { r?: Uint8Array; s?: Uint8Array; v?: number }) =>
  Uint8Array.from([...(parts.r ?? r), ...(parts.s ?? s), parts.v ?? v]);

/** The good header with another first seal. */
function withFirstSeal(by: Rlp): Uint8Array {
  const data = encodeRlp(replaceItem(decodeRlp(header.extraData), { path: [4, 0], by }));
  return withHeader(encodeRlp(replaceItem(decodeRlp(good), { path: [12], by: data })));
}

const highS = word(ORDER - BigInt(toHex(s)));
/** R = k·G with s·R = hash·G: the key that made it would be the point at infinity. */
const hash = BigInt(toHex(sealedHash({ header, extra }, nobleCrypto)));
const k = 7n;
const inverse = secp256k1.Point.Fn.inv(k);
const toInfinity = (hash * inverse) % ORDER;
const point = secp256k1.Point.BASE.multiply(k).toAffine();
const isLow = toInfinity <= ORDER >> 1n;
const infinite = sealOf({
  r: word(point.x),
  s: word(isLow ? toInfinity : ORDER - toInfinity),
  v: isLow ? Number(point.y & 1n) : 1 - Number(point.y & 1n),
});

/** r with one bit flipped that is still a point's; half of all are. */
const flips = Array.from({ length: 8 }, (_, bit) =>
  Uint8Array.from(r, (byte, at) => (at === 31 ? byte ^ (1 << bit) : byte)),
);
const hashed = sealedHash({ header, extra }, nobleCrypto);
const otherPoint = flips.find((flipped) => nobleCrypto.recover(sealOf({ r: flipped }), hashed)) ?? r;

const forms: readonly (readonly [name: string, attack: string, seal: Rlp, check: string])[] = [
  [
    'high-s',
    'The other form of a good seal, s subtracted from n, with the v that belongs to it.',
    sealOf({ s: highS, v: 1 - v }),
    'seal-form',
  ],
  ['high-s-same-v', 'The other form of a good seal with its old v.', sealOf({ s: highS }), 'seal-form'],
  ['s-just-above-half', 's of n/2 and one.', sealOf({ s: word((ORDER >> 1n) + 1n) }), 'seal-form'],
  [
    's-just-below-half',
    's of n/2: a form that is allowed, of a key that nobody trusts.',
    sealOf({ s: word(ORDER >> 1n) }),
    'seal-stranger',
  ],
  ['s-zero', 's of 0.', sealOf({ s: word(0n) }), 'seal-form'],
  ['s-order', 's of n.', sealOf({ s: word(ORDER) }), 'seal-form'],
  ['s-beyond-order', 's of n and one.', sealOf({ s: word(ORDER + 1n) }), 'seal-form'],
  ['r-zero', 'r of 0.', sealOf({ r: word(0n) }), 'seal-form'],
  ['r-order', 'r of n.', sealOf({ r: word(ORDER) }), 'seal-form'],
  ['r-beyond-order', 'r between n and the field’s size.', sealOf({ r: word(ORDER + 1n) }), 'seal-form'],
  ['r-beyond-field', 'r beyond the field’s size.', sealOf({ r: word(FIELD + 1n) }), 'seal-form'],
  ['r-of-no-point', 'r that is no point’s.', sealOf({ r: word(5n) }), 'seal-form'],
  ['all-ones', 'All bits set.', new Uint8Array(65).fill(0xff), 'seal-form'],
  ['all-zeros', 'No bit set.', new Uint8Array(65), 'seal-form'],
  ['other-v', 'The v of the other point: another key comes out.', sealOf({ v: 1 - v }), 'seal-stranger'],
  ['v-2', 'v of 2, which means r beyond n.', sealOf({ v: 2 }), 'seal-form'],
  ['v-3', 'v of 3, which means r beyond n.', sealOf({ v: 3 }), 'seal-form'],
  ['v-27', 'v as Bitcoin writes it: the same seal in other bytes.', sealOf({ v: 27 + v }), 'seal-form'],
  ['v-255', 'v of 255.', sealOf({ v: 255 }), 'seal-form'],
  ['point-at-infinity', 'A seal from which the point at infinity is recovered.', infinite, 'seal-form'],
  ['64-bytes', 'A seal without its v.', seal.subarray(0, 64), 'rlp-length'],
  ['66-bytes', 'A seal and a byte.', Uint8Array.from([...seal, 0]), 'rlp-length'],
  ['empty', 'A seal of nothing.', new Uint8Array(0), 'rlp-length'],
  [
    'compact-eip-2098',
    'The seal in its compact form of 64 bytes (EIP-2098).',
    sealOf({ s: Uint8Array.from(s, (byte, index) => (index === 0 ? byte | (v << 7) : byte)) }).subarray(0, 64),
    'rlp-length',
  ],
  ['a-list', 'A seal that is a list of r, s and v.', [r, s, Uint8Array.of(v)], 'rlp-bytes'],
  ['bit-of-r', 'A bit of r flipped.', sealOf({ r: otherPoint }), 'seal-stranger'],
  [
    'bit-of-s',
    'A bit of s flipped.',
    sealOf({ s: Uint8Array.from(s, (byte, index) => (index === 31 ? byte ^ 1 : byte)) }),
    'seal-stranger',
  ],
  ['r-and-s-exchanged', 'r and s in each other’s place.', sealOf({ r: s, s: r }), 'seal-form'],
];

/** Seals that are none, or another form of one. */
export const sealsFamily: Family = {
  family: 'seals',
  about: 'Seals in forms that libraries take differently; one form is accepted.',
  source: 'malleable signatures',
  drafts: forms.map(([name, attack, by, check]): Draft => ({
    name,
    attack,
    expect: `PROOF_INVALID/${check}`,
    bundle: withFirstSeal(by),
  })),
};
