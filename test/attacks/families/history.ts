import { accountsOf, four, HEIGHT, qbftBundle, witnessBundle } from '../../support/test-bundles.ts';
import { baseHeader } from '../../support/test-bundles.ts';
import { createValidators, hashOf, sealAsQbft } from '../../support/test-validators.ts';
import { integerBytes } from '../../../chain/light/rlp.ts';
import type { Draft, Family } from '../make/draft.ts';
import { factsBundle } from '../make/facts.ts';
import { group, resources } from '../../support/test-registry.ts';
import { head, withHeader } from '../make/sealed.ts';

const time = 1_700_000_000n + HEIGHT;
const good = qbftBundle(four);
const own = head({ set: four });
const hash = hashOf(own);
const other = `0x${'12'.repeat(32)}` as const;

const after = (
  name: string,
  attack: string,
  expect: string,
  last: { height?: bigint; hash?: string; time?: bigint },
  bundle = good,
  rest: Partial<Draft> = {},
): Draft => ({
  name,
  attack,
  expect,
  lastBlock: {
    height: (last.height ?? HEIGHT).toString(),
    hash: last.hash ?? hash,
    time: (last.time ?? time).toString(),
  },
  bundle,
  ...rest,
});

const [resource, another] = resources;
const digest = (byte: string) => `sha256:${byte.repeat(32)}` as const;
const held = factsBundle({ heads: [{ resource, version: 3n, digest: digest('aa'), group, status: 'active' }] });
const accepted = (name: string, attack: string, expect: string, version: string, of: string): Draft => ({
  name,
  attack,
  expect,
  versions: { [resource]: { version, digest: of } },
  bundle: held,
});

const allSeals = withHeader(head({ set: four, sealers: four }));
const laterRound = withHeader(head({ set: four, round: 7n }));
const splitParent = sealAsQbft(
  baseHeader,
  { validators: accountsOf(four), sealers: four.slice(0, 3) },
  { 0: new Uint8Array(32).fill(3) },
);
const forged = withHeader(
  head({ set: four, sealers: createValidators(3, { from: 30 }) }, { 0: new Uint8Array(32).fill(3) }),
);

/** A good bundle held against what the device accepted before it. */
export const historyFamily: Family = {
  family: 'history',
  about: 'Bundles that are good in themselves, after another one that the device accepted.',
  source: 'TUF: rollback',
  drafts: [
    accepted('a-newer-version', 'None: a version after the one that was accepted.', 'ok', '2', digest('bb')),
    accepted('the-same-version', 'None: the version that was accepted.', 'ok', '3', digest('aa')),
    accepted(
      'an-older-version',
      'A record older than the one that the device accepted.',
      'ROLLBACK',
      '4',
      digest('aa'),
    ),
    accepted(
      'another-record-of-the-same-version',
      'Another digest under the version that was accepted.',
      'EQUIVOCATION',
      '3',
      digest('bb'),
    ),
    {
      name: 'a-record-left-out',
      attack: 'None: what a bundle leaves out stays as it was.',
      expect: 'ok',
      versions: { [another]: { version: '3', digest: digest('aa') } },
      bundle: held,
    },
    {
      name: 'a-record-that-is-gone',
      attack: 'None: that a record is gone stops what ran by it, wherever that is judged.',
      expect: 'ok',
      versions: { [resource]: { version: '3', digest: digest('aa') } },
      bundle: factsBundle({}, { told: {}, absent: { heads: [resource] } }),
    },
    after('a-newer-block', 'None.', 'ok', { height: HEIGHT - 1n, hash: other, time: time - 1n }),
    after('the-same-block', 'None: the same bundle again.', 'ok', {}),
    after(
      'the-same-block-with-other-seals',
      'None: one block carries as many sets of seals as there are subsets of a quorum.',
      'ok',
      {},
      allSeals,
    ),
    after('the-same-block-agreed-on-again', 'None: the same block, agreed on in another round.', 'ok', {}, laterRound),
    after('a-newer-block-of-the-same-second', 'None: two blocks of one second.', 'ok', {
      height: HEIGHT - 1n,
      hash: other,
      time,
    }),
    after(
      'the-same-block-noted',
      'None: a bundle of witnesses again.',
      'ok',
      { hash: hashOf(baseHeader) },
      witnessBundle(),
      { anchor: 'witnesses' },
    ),
    after('an-older-block', 'The block before the one that the device accepted.', 'ROLLBACK', {
      height: HEIGHT + 1n,
      hash: other,
      time: time + 1n,
    }),
    after('a-far-older-block', 'A block from long ago, in which a revoked version was still active.', 'ROLLBACK', {
      height: 2n ** 63n,
      hash: other,
      time: time + 1n,
    }),
    after('an-older-block-of-the-same-second', 'The block before, of the same second.', 'ROLLBACK', {
      height: HEIGHT + 1n,
      hash: other,
      time,
    }),
    after('a-newer-block-of-an-earlier-time', 'A higher block whose time goes back.', 'ROLLBACK', {
      height: HEIGHT - 1n,
      hash: other,
      time: time + 1n,
    }),
    after(
      'an-older-block-noted',
      'An older block that witnesses vouch for.',
      'ROLLBACK',
      { height: HEIGHT + 1n, hash: other, time: time + 1n },
      witnessBundle(),
      { anchor: 'witnesses' },
    ),
    after(
      'another-block-of-the-same-height',
      'Two quorum-sealed blocks of one height: a proven split.',
      'EQUIVOCATION',
      { hash: other },
      good,
      { source: 'equivocation' },
    ),
    after('another-parent', 'The same block but for its parent.', 'EQUIVOCATION', {}, withHeader(splitParent), {
      source: 'equivocation',
    }),
    after(
      'another-time',
      'The same block but for its time, a second later.',
      'EQUIVOCATION',
      {},
      withHeader(head({ set: four }, { 11: integerBytes(time + 1n) })),
      { source: 'equivocation' },
    ),
    after(
      'another-block-noted',
      'Witnesses vouch for another block of the height.',
      'EQUIVOCATION',
      { hash: other },
      witnessBundle(),
      { anchor: 'witnesses', source: 'equivocation' },
    ),
    after(
      'a-split-that-nobody-sealed',
      'A block of the same height without good seals: an unproved claim must not freeze a group.',
      'PROOF_INVALID/seal-stranger',
      {},
      forged,
      { source: 'equivocation' },
    ),
    after(
      'a-split-that-half-sealed',
      'A block of the same height that two of four sealed: no proof of a split.',
      'QUORUM',
      {},
      withHeader(head({ set: four, sealers: four.slice(0, 2) }, { 0: new Uint8Array(32).fill(3) })),
      { source: 'equivocation' },
    ),
  ],
};
