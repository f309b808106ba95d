import { secp256k1 } from '@noble/curves/secp256k1.js';
import { nobleCrypto } from '../../../chain/light/crypto/noble-crypto.ts';
import { fromHex } from '../../../chain/light/hex.ts';
import { parseQbftExtra } from '../../../chain/light/qbft/extra-data.ts';
import { parseHeader } from '../../../chain/light/qbft/header.ts';
import { sealedHash } from '../../../chain/light/qbft/header-hash.ts';
import { decodeRlp, encodeRlp, integerBytes } from '../../../chain/light/rlp.ts';
import { accountsOf, baseHeader, four, seven } from '../../support/test-bundles.ts';
import { createValidators, hashOf, replaceItem, sealHash, type TestValidator } from '../../support/test-validators.ts';
import type { Draft, Family } from '../make/draft.ts';
import { at, head, headerAt, quorum, withHeader } from '../make/sealed.ts';

const proves = { height: '500', attestedAt: '1700000500' };
const strangers = createValidators(4, { from: 20 });
const three = four.slice(0, 3);

const counts = [1, 2, 3, 4, 5, 6, 7].flatMap((count): readonly Draft[] => {
  const set = seven.slice(0, count);
  const needed = Math.ceil((2 * count) / 3);
  const patch = { finality: { validators: accountsOf(set) } };
  const sealedBy = (sealers: readonly TestValidator[]) => withHeader(head({ set, sealers }));
  return [
    {
      name: `${needed}-of-${count}`,
      attack: 'None: exactly ceil(2N/3) validators sealed.',
      expect: 'ok',
      proves,
      anchor: 'seven',
      patch,
      bundle: sealedBy(set.slice(0, needed)),
    },
    {
      name: `last-${needed}-of-${count}`,
      attack: 'None: it does not matter which of the validators sealed.',
      expect: 'ok',
      proves,
      anchor: 'seven',
      patch,
      bundle: sealedBy(set.slice(count - needed)),
    },
    {
      name: `${needed - 1}-of-${count}`,
      attack: 'One seal fewer than the quorum, hoping for a division that rounds down.',
      expect: 'QUORUM',
      anchor: 'seven',
      patch,
      bundle: sealedBy(set.slice(0, needed - 1)),
    },
  ];
});

const pairs = [0, 1, 2, 3].flatMap((one) =>
  [0, 1, 2, 3]
    .filter((other) => other > one)
    .map((other): Draft => {
      return {
        name: `half-${one}-${other}-of-4`,
        attack: 'Two of four validators collude: floor(2N/3) would let them through.',
        source: 'quorum rounding',
        expect: 'QUORUM',
        bundle: withHeader(head({ set: four, sealers: [at(four, one), at(four, other)] })),
      };
    }),
);

/** The seals of a header put in the place of those it has. */
function withSeals(header: Uint8Array, seals: readonly Uint8Array[]): Uint8Array {
  const items = decodeRlp(header);
  const extra = decodeRlp(parseHeader(header).extraData);
  return encodeRlp(replaceItem(items, { path: [12], by: encodeRlp(replaceItem(extra, { path: [4], by: seals })) }));
}
const sealsOf = (header: Uint8Array) => parseQbftExtra(parseHeader(header).extraData).seals;
const hashToSeal = (header: Uint8Array) => {
  const parsed = parseHeader(header);
  return sealedHash({ header: parsed, extra: parseQbftExtra(parsed.extraData) }, nobleCrypto);
};
const good = head({ set: four });
const [first = good, second = good, third = good] = sealsOf(good);

/** Another valid seal of the same validator over the same hash: ECDSA has as many as there are nonces. */
function otherSeal(hash: Uint8Array, { privateKey }: TestValidator): Uint8Array {
  const options = { prehash: false, format: 'recovered', extraEntropy: new Uint8Array(32).fill(7) } as const;
  const [recovery = 0, ...rs] = secp256k1.sign(hash, privateKey, options);
  return Uint8Array.from([...rs, recovery]);
}

const earlier = headerAt(499n, { set: four });
const nextRound = head({ set: four, round: 1n });
const refused = (name: string, attack: string, expect: string, bundle: Uint8Array, source?: string): Draft => ({
  name,
  attack,
  expect,
  bundle,
  ...(source !== undefined && { source }),
});

/** Seals: how many, whose, and over what. */
export const quorumFamily: Family = {
  family: 'quorum',
  about: 'How many seals a header needs, whose they are, and what they are over.',
  source: 'TUF: key compromise below the threshold',
  drafts: [
    ...counts,
    ...pairs,
    ...[0, 1, 2].map((missing): Draft => ({
      name: `all-but-${missing}-of-4`,
      attack: 'None: any three of four will do.',
      expect: 'ok',
      proves,
      bundle: withHeader(head({ set: four, sealers: four.filter((_, index) => index !== missing) })),
    })),
    { name: 'all-of-4', attack: 'None.', expect: 'ok', proves, bundle: withHeader(head({ set: four, sealers: four })) },
    {
      name: 'seals-in-another-order',
      attack: 'None: seals have no order of their own.',
      expect: 'ok',
      proves,
      bundle: withHeader(head({ set: four, sealers: [...three].reverse() })),
    },
    ...[1n, 128n, 300n, 2n ** 32n - 1n].map((round): Draft => ({
      name: `round-${round.toString()}`,
      attack: 'None: a block may be agreed on in any round.',
      expect: 'ok',
      proves,
      bundle: withHeader(head({ set: four, round })),
    })),
    refused('no-seals', 'A header without a seal.', 'QUORUM', withHeader(withSeals(good, []))),
    refused(
      'same-seal-twice',
      'Two seals, one of them counted twice.',
      'PROOF_INVALID/seal-twice',
      withHeader(withSeals(good, [first, second, second])),
      'the same seal counted twice',
    ),
    refused(
      'same-seal-thrice',
      'One validator alone, its seal three times.',
      'PROOF_INVALID/seal-twice',
      withHeader(withSeals(good, [first, first, first])),
      'the same seal counted twice',
    ),
    refused(
      'same-validator-two-seals',
      'One validator seals twice with different nonces, so that the seals differ.',
      'PROOF_INVALID/seal-twice',
      withHeader(withSeals(good, [first, second, otherSeal(hashToSeal(good), at(four, 0))])),
      'the same seal counted twice',
    ),
    refused(
      'quorum-and-a-repeated-seal',
      'A good header made into another one by a seal more.',
      'PROOF_INVALID/seal-twice',
      withHeader(withSeals(good, [first, second, third, third])),
    ),
    refused(
      'more-seals-than-validators',
      'As many seals as fit, so that checking them takes long.',
      'PROOF_INVALID/seal-count',
      withHeader(
        withSeals(
          good,
          Array.from({ length: 5 }, () => first),
        ),
      ),
      'TUF: endless data',
    ),
    refused(
      'strangers-seal',
      'Four strangers seal a header that lists the trusted validators.',
      'PROOF_INVALID/seal-stranger',
      withHeader(head({ set: four, sealers: strangers })),
    ),
    refused(
      'two-validators-and-a-stranger',
      'A colluding half of the validators is filled up with a stranger.',
      'PROOF_INVALID/seal-stranger',
      withHeader(head({ set: four, sealers: [...four.slice(0, 2), at(strangers, 0)] })),
    ),
    refused(
      'quorum-and-a-stranger',
      'A good header with the seal of a stranger more: the same block in other bytes.',
      'PROOF_INVALID/seal-stranger',
      withHeader(head({ set: four, sealers: [...three, at(strangers, 0)] })),
    ),
    refused(
      'strangers-list-themselves',
      'Strangers list themselves in the header and seal it unanimously.',
      'QUORUM',
      withHeader(head({ set: strangers, sealers: strangers })),
      'validator set taken from the very header it should vouch for',
    ),
    refused(
      'one-validator-lists-itself-alone',
      'One validator lists itself as the only one, and seals.',
      'QUORUM',
      withHeader(head({ set: four.slice(0, 1) })),
      'validator set taken from the very header it should vouch for',
    ),
    refused(
      'two-validators-list-themselves',
      'A colluding half lists itself as the whole set.',
      'QUORUM',
      withHeader(head({ set: four.slice(0, 2) })),
      'validator set taken from the very header it should vouch for',
    ),
    refused(
      'validators-and-strangers-listed',
      'Two validators list two strangers in the place of the others, and all four seal.',
      'QUORUM',
      withHeader(
        head({
          set: [...four.slice(0, 2), ...strangers.slice(0, 2)].sort((a, b) => (a.account < b.account ? -1 : 1)),
          sealers: [...four.slice(0, 2), ...strangers.slice(0, 2)],
        }),
      ),
      'validator set taken from the very header it should vouch for',
    ),
    refused(
      'seals-of-another-block',
      'The seals that the same validators made of the block before.',
      'PROOF_INVALID/seal-stranger',
      withHeader(withSeals(good, sealsOf(earlier))),
      'a seal cache keyed by signature alone',
    ),
    refused(
      'seals-of-another-round',
      'The seals of round 1 on the header of round 0.',
      'PROOF_INVALID/seal-stranger',
      withHeader(withSeals(good, sealsOf(nextRound))),
    ),
    refused(
      'one-seal-of-another-block',
      'Two good seals and one that its validator made of another block.',
      'PROOF_INVALID/seal-stranger',
      withHeader(withSeals(good, [first, second, ...sealsOf(earlier).slice(2, 3)])),
    ),
    refused(
      'block-after-its-change-sealed-before',
      'A change is sealed rightly; the head repeats its seals, which a cache may remember.',
      'PROOF_INVALID/seal-stranger',
      withHeader(withSeals(good, sealsOf(headerAt(200n, { set: three, sealers: three }))), [
        headerAt(200n, { set: three, sealers: three }),
      ]),
      'a seal cache keyed by signature alone',
    ),
    refused(
      'seals-over-the-block-hash',
      'Seals over the block’s hash, which leaves out the round, instead of what validators seal.',
      'PROOF_INVALID/seal-stranger',
      withHeader(
        withSeals(
          nextRound,
          three.map((one) => sealHash(fromHex(hashOf(nextRound)), one)),
        ),
      ),
    ),
    refused(
      'seals-over-the-bytes',
      'Seals over the hash of the header as it was before it was sealed, seals included.',
      'PROOF_INVALID/seal-stranger',
      withHeader(
        withSeals(
          good,
          three.map((one) => sealHash(nobleCrypto.keccak256(good), one)),
        ),
      ),
    ),
    ...(
      [
        ['state-root', 3, new Uint8Array(32).fill(1)],
        ['parent', 0, new Uint8Array(32).fill(1)],
        ['proposer', 2, fromHex(at(four, 2).account)],
        ['height', 8, integerBytes(501n)],
        ['time', 11, integerBytes(1_700_000_501n)],
        ['difficulty', 7, integerBytes(2n)],
        ['nonce', 14, new Uint8Array(8).fill(1)],
        ['logs-bloom', 6, new Uint8Array(256).fill(1)],
        ['base-fee', 15, integerBytes(8n)],
      ] as const
    ).map(([field, index, by]) =>
      refused(
        `${field}-altered-after-sealing`,
        `A sealed header with another ${field.replace('-', ' ')}.`,
        'PROOF_INVALID/seal-stranger',
        withHeader(encodeRlp(replaceItem(decodeRlp(good), { path: [index], by }))),
        'TUF: arbitrary software',
      ),
    ),
    {
      name: 'another-tenants-validators',
      attack: 'A whole bundle of a chain with other validators.',
      expect: 'QUORUM',
      source: 'TUF: wrong software',
      anchor: 'seven',
      bundle: withHeader(good),
    },
    {
      name: 'older-header-of-the-same-state',
      attack: 'None: whoever has no newer one can’t know that there is.',
      expect: 'ok',
      proves: { height: '101' },
      bundle: withHeader(
        head({ set: four, sealers: quorum(four) }, { 8: integerBytes(101n), 11: integerBytes(1_700_000_101n) }),
      ),
    },
    {
      name: 'plain-header',
      attack: 'A header of a chain that is not QBFT’s, with no seals at all.',
      expect: 'PROOF_INVALID/header-mix',
      bundle: withHeader(baseHeader),
    },
  ],
};
