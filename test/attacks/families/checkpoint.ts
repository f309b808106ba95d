import { accountsOf, four, HEIGHT, qbftBundle, witnessBundle } from '../../support/test-bundles.ts';
import { elementsOf, namedChange } from '../../support/test-named.ts';
import { baseHeader } from '../../support/test-bundles.ts';
import { createValidators, hashOf } from '../../support/test-validators.ts';
import type { Draft, Family } from '../make/draft.ts';
import { at, head, headerAt, quorum, withHeader } from '../make/sealed.ts';

const height = Number(HEIGHT);
const time = 1_700_000_000 + height;
const sealedHash = hashOf(head({ set: four }));
const notedHash = hashOf(baseHeader);
const other = `0x${'12'.repeat(32)}`;

interface Checkpoint {
  readonly height?: number;
  readonly hash?: string;
  readonly time?: number;
}

/** A good bundle under an anchor whose roots vouch for a block. */
const sealed = (
  name: string,
  attack: string,
  expect: string,
  checkpoint: Checkpoint,
  rest: Partial<Draft> = {},
): Draft => ({
  name,
  attack,
  expect,
  patch: { checkpoint: { height, hash: sealedHash, time, ...checkpoint } },
  bundle: qbftBundle(four),
  ...rest,
});
const noted = (name: string, attack: string, expect: string, checkpoint: Checkpoint): Draft =>
  sealed(
    name,
    attack,
    expect,
    { hash: notedHash, ...checkpoint },
    {
      anchor: 'witnesses',
      patch: { checkpoint: { height, hash: notedHash, time, ...checkpoint } },
      bundle: witnessBundle(),
    },
  );

const three = four.slice(0, 3);
/** Three votes that drop the fourth of four, in blocks 200, 201 and 205. */
const drops = [200n, 201n, 205n].map((on, voter) =>
  headerAt(on, {
    set: four,
    vote: { recipient: at(four, 3).account, adds: false },
    coinbase: at(four, voter).account,
  }),
);
/** A change of the set in block 200, where a contract names it. */
const named = namedChange(200n, { elements: elementsOf(accountsOf(three)) }, { sealers: quorum(four) });
const namedHash = hashOf(named instanceof Uint8Array ? named : named[0]);
/** A good bundle to whose head a way leads by `drops`. */
const onTheWay = (name: string, attack: string, expect: string, checkpoint: Required<Checkpoint>): Draft =>
  sealed(name, attack, expect, checkpoint, {
    bundle: withHeader(head({ set: three }), drops),
    ...(expect === 'ok' && { proves: { height: '500' } }),
  });
const onTheNamedWay = (name: string, attack: string, expect: string, hash: string): Draft => ({
  ...onTheWay(name, attack, expect, { height: 200, hash, time: 0 }),
  anchor: 'named',
  bundle: withHeader(head({ set: [], sealers: quorum(three), coinbase: at(three, 0).account }), [named]),
});
const hop = (index: number, on: number) => ({ height: on, hash: hashOf(at(drops, index)), time: 1_700_000_000 + on });

/** Bundles that a quorum vouches for, held against the block that an anchor's roots vouch for. */
export const checkpointFamily: Family = {
  family: 'checkpoint',
  about:
    'Bundles that are good in themselves, under an anchor with a checkpoint: a quorum’s stolen keys are not enough.',
  source: 'long-range attack: blocks that retired signers’ keys sealed later',
  drafts: [
    sealed('its-own-block', 'None: the block that the roots vouch for.', 'ok', {}, { proves: { height: '500' } }),
    sealed('a-later-block', 'None: a block after it.', 'ok', { height: height - 1, hash: other, time: time - 1 }),
    sealed('a-later-block-of-its-second', 'None: a block after it of the same second.', 'ok', {
      height: height - 1,
      hash: other,
    }),
    sealed('from-the-first-block-on', 'None: a checkpoint of the genesis.', 'ok', { height: 0, hash: other, time: 0 }),
    sealed('the-block-before', 'The block before the one that the roots vouch for.', 'ROLLBACK', {
      height: height + 1,
      hash: other,
    }),
    sealed('a-block-from-long-ago', 'A block from long before it.', 'ROLLBACK', {
      height: 2 ** 53 - 1,
      hash: other,
      time: 2 ** 53 - 1,
    }),
    sealed('another-block-of-its-height', 'Another history, which a quorum sealed.', 'EQUIVOCATION', { hash: other }),
    sealed('another-block-by-one-bit', 'A hash that differs in its last bit.', 'EQUIVOCATION', {
      hash: `${sealedHash.slice(0, -1)}${(parseInt(sealedHash.slice(-1), 16) ^ 1).toString(16)}`,
    }),
    sealed('a-later-block-of-an-earlier-time', 'A higher block that is older by a second.', 'ROLLBACK', {
      height: height - 1,
      hash: other,
      time: time + 1,
    }),
    sealed('its-block-of-an-earlier-time', 'The very block, of a time that it does not have.', 'ROLLBACK', {
      time: time + 1,
    }),
    sealed(
      'no-quorum',
      'The very block, sealed by half: the roots vouch for no one block’s content.',
      'QUORUM',
      {},
      {
        bundle: withHeader(head({ set: four, sealers: four.slice(0, 2) })),
      },
    ),
    sealed(
      'sealed-by-strangers',
      'The very block, sealed by strangers.',
      'PROOF_INVALID/seal-stranger',
      {},
      { bundle: withHeader(head({ set: four, sealers: createValidators(3, { from: 30 }) })) },
    ),
    sealed(
      'above-the-anchors-own-block',
      'The anchor’s own block, below the checkpoint.',
      'ROLLBACK',
      {},
      {
        patch: {
          checkpoint: { height: height + 1, hash: other, time },
          finality: { height, hash: sealedHash, validators: accountsOf(four) },
        },
      },
    ),
    sealed(
      'against-the-anchors-own-block',
      'The anchor’s own block, which the checkpoint contradicts.',
      'EQUIVOCATION',
      {},
      {
        patch: {
          checkpoint: { height, hash: other, time },
          finality: { height, hash: sealedHash, validators: accountsOf(four) },
        },
      },
    ),
    onTheWay('the-way-by-its-block', 'None: the way leads by the block that the roots vouch for.', 'ok', hop(2, 205)),
    onTheWay('the-way-past-it', 'None: no header of the way stands at its height.', 'ok', {
      height: 203,
      hash: other,
      time: 0,
    }),
    onTheWay('the-way-by-another-block', 'A later block of a history that the roots disowned.', 'EQUIVOCATION', {
      ...hop(2, 205),
      hash: other,
    }),
    onTheWay(
      'the-way-by-another-block-at-once',
      'The first header of the way is not the block that the roots vouch for.',
      'EQUIVOCATION',
      { ...hop(0, 200), hash: hop(1, 201).hash },
    ),
    onTheNamedWay('the-named-way-by-its-block', 'None: a contract named others in that block.', 'ok', namedHash),
    onTheNamedWay(
      'the-named-way-by-another-block',
      'A contract named others in a block that the roots disowned.',
      'EQUIVOCATION',
      other,
    ),
    sealed(
      'no-clock',
      'A device without a clock is shown a block from before.',
      'ROLLBACK',
      { height: height + 1 },
      {
        now: 0n,
      },
    ),
    noted('its-own-block-noted', 'None: witnesses vouch for the roots’ block.', 'ok', {}),
    noted('a-later-block-noted', 'None: witnesses vouch for a block after it.', 'ok', {
      height: height - 1,
      hash: other,
    }),
    noted('the-block-before-noted', 'Witnesses vouch for a block before it.', 'ROLLBACK', { height: height + 1 }),
    noted('another-block-noted', 'Witnesses vouch for another block of its height.', 'EQUIVOCATION', { hash: other }),
    noted('an-earlier-time-noted', 'Witnesses sign an old block today.', 'ROLLBACK', {
      height: height - 1,
      hash: other,
      time: time + 1,
    }),
  ],
};
