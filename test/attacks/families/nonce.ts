import { noteBody } from '../../../chain/light/witness/note-body.ts';
import { nonceBody } from '../../../chain/light/witness/nonce-body.ts';
import { signNote } from '../../../chain/light/witness/sign-note.ts';
import { batchNonce } from '../../../core/witness/batch-nonce.ts';
import { witnessAnchor } from '../../support/test-bundles.ts';
import { createWitnesses } from '../../support/test-witnesses.ts';
import type { Draft, Family } from '../make/draft.ts';

const { chain, genesis } = witnessAnchor();
const all = createWitnesses(6);
const nonce = `0x${'5a'.repeat(32)}` as const;
const old = `0x${'a5'.repeat(32)}` as const;
const block = { chain, genesis, height: 900n, hash: `0x${'34'.repeat(32)}` as const };

interface Answer {
  readonly by?: number;
  readonly as?: number;
  readonly time?: bigint;
  readonly body?: string;
}

/** What a witness answers to the nonce, unless said otherwise. */
function answer(
  index: number,
  { by = index, as = index, time = 100n, body = nonceBody({ ...block, nonce }) }: Answer = {},
) {
  const signer = all[by];
  const named = all[as];
  if (!signer || !named) throw new TypeError('no witness');
  const line = signNote({ body, time }, { ...signer, name: all[index]?.name ?? '' });
  return { witness: named.name, note: new Uint8Array(Buffer.from(`${body}\n${line}`)) };
}
const raw = (index: number, text: string) => ({
  witness: all[index]?.name ?? '',
  note: new Uint8Array(Buffer.from(text)),
});
const elsewhere = nonceBody({ ...block, height: 7n, hash: `0x${'35'.repeat(32)}`, nonce });

/** What dews have signed for several callers at once. */
const others = [old, `0x${'c3'.repeat(32)}`] as const;
const together = [others[0], nonce, others[1]] as const;
const inBatch = (index: number, signed: readonly `0x${string}`[], { batch = signed, time = 100n } = {}) => ({
  ...answer(index, { body: nonceBody({ ...block, nonce: batchNonce(signed) }), time }),
  batch,
});

const asked = (
  name: string,
  attack: string,
  expect: string,
  answers: NonNullable<Draft['answers']>,
  rest: Partial<Draft> = {},
): Draft => ({ name, attack, expect, anchor: 'witnesses', nonce, answers, ...rest });
const at = (attestedAt: bigint, latestAt = attestedAt): Partial<Draft> => ({
  toldTime: { attestedAt: attestedAt.toString(), latestAt: latestAt.toString() },
});
/** An anchor of as many witnesses. */
const witnessesOf = (count: number): Partial<Draft> => ({
  patch: {
    finality: { witnesses: all.slice(0, count).map(({ name, publicKey }) => ({ name, publicKey })) },
  },
});
const padded = nonceBody({ ...block, nonce }).replace('\n900\n', '\n0900\n');

/** Witnesses’ answers to a device that was without power. */
export const nonceFamily: Family = {
  family: 'nonce',
  about: 'Answers of witnesses to a nonce, by which a device learns the time after it was without power.',
  source: 'TUF: freeze; a replayed answer',
  drafts: [
    asked('two-of-three', 'None.', 'ok', [answer(0), answer(1)], at(100n)),
    asked('three-of-three', 'None.', 'ok', [answer(0), answer(1), answer(2)], at(100n)),
    asked(
      'at-different-heights',
      'None: each witness answers with a block of its own.',
      'ok',
      [answer(0), answer(1, { body: elsewhere })],
      at(100n),
    ),
    asked(
      'a-wrong-one-beside-two',
      'None: an answer that does not verify does not count.',
      'ok',
      [answer(0), answer(1), raw(2, 'hello')],
      at(100n),
    ),
    asked(
      'a-liar-of-three',
      'One witness answers with a time of the future.',
      'ok',
      [answer(0), answer(1), answer(2, { time: 10n ** 10n })],
      at(100n),
    ),
    asked(
      'a-liar-and-one',
      'One of two answers lies.',
      'ok',
      [answer(0), answer(2, { time: 10n ** 10n })],
      at(100n, 10n ** 10n),
    ),
    asked(
      'a-liar-of-long-ago-and-one',
      'One of two answers lies: the device must not take its own right clock for wrong.',
      'ok',
      [answer(0), answer(2, { time: 1n })],
      at(1n, 100n),
    ),
    asked(
      'two-liars-of-long-ago-of-six',
      'Two witnesses of six lie, and the answer of another is kept back.',
      'ok',
      [1n, 2n, 100n, 101n, 102n].map((time, index) => answer(index, { time })),
      { ...at(100n), ...witnessesOf(6) },
    ),
    asked(
      'four-of-four',
      'None: all answer, a second apart.',
      'ok',
      [100n, 101n, 102n, 103n].map((time, index) => answer(index, { time })),
      { ...at(102n), ...witnessesOf(4) },
    ),
    asked(
      'two-of-two',
      'None: both answer, a second apart.',
      'ok',
      [100n, 101n].map((time, index) => answer(index, { time })),
      { ...at(101n), ...witnessesOf(2) },
    ),
    asked(
      'a-wrong-one-before-a-good-one',
      'A server hands on a wrong answer under the name of a witness that answered well.',
      'ok',
      [raw(0, 'hello'), answer(0), answer(1)],
      at(100n),
    ),
    asked(
      'a-wrong-one-after-a-good-one',
      'The same, the wrong one last.',
      'ok',
      [answer(0), answer(1, { by: 5 }), answer(1), raw(0, 'hello')],
      at(100n),
    ),
    asked(
      'a-late-one-after-an-early-one',
      'A server has a witness sign again later: the earliest is nearest to when it was asked.',
      'ok',
      [answer(0), answer(0, { time: 300n }), answer(1, { time: 200n })],
      at(100n, 200n),
    ),
    asked(
      'a-late-one-before-an-early-one',
      'The same the other way around.',
      'ok',
      [answer(0, { time: 300n }), answer(0), answer(1, { time: 200n })],
      at(100n, 200n),
    ),
    asked(
      'in-one-batch',
      'None: a dew had the nonces of several devices signed at once.',
      'ok',
      [0, 1].map((index) => inBatch(index, together)),
      at(100n),
    ),
    asked(
      'alone-in-a-batch',
      'None: a dew was asked by one device.',
      'ok',
      [0, 1].map((index) => inBatch(index, [nonce])),
      at(100n),
    ),
    asked(
      'in-two-batches-and-by-itself',
      'None: one witness answered the device, others two dews.',
      'ok',
      [answer(0, { time: 90n }), inBatch(1, together), inBatch(2, [nonce, old], { time: 110n })],
      at(100n),
    ),
    asked('a-batch-without-it', 'A batch of others’ nonces, signed before.', 'QUORUM', [answer(0), inBatch(1, others)]),
    asked('a-batch-that-it-was-put-into', 'The nonce is put into a batch that was signed without it.', 'QUORUM', [
      answer(0),
      inBatch(1, others, { batch: together }),
    ]),
    asked('a-batch-in-another-order', 'A batch that was signed in another order.', 'QUORUM', [
      answer(0),
      inBatch(1, together, { batch: [nonce, ...others] }),
    ]),
    asked('a-batch-of-nobody', 'A batch of no nonces.', 'QUORUM', [answer(0), inBatch(1, [])]),
    asked('the-nonce-itself-as-a-batch', 'An answer to the nonce itself, handed on as one to a batch.', 'QUORUM', [
      answer(0),
      { ...answer(1), batch: [nonce] },
    ]),
    asked('nobody', 'Nobody answers.', 'QUORUM', []),
    asked('one-of-three', 'One witness alone.', 'QUORUM', [answer(0)]),
    asked('one-twice', 'One witness answers twice.', 'QUORUM', [answer(0), answer(0, { time: 101n })]),
    asked('one-under-two-names', 'One witness’s answer under another’s name too.', 'QUORUM', [
      answer(0),
      answer(0, { as: 1 }),
    ]),
    asked('a-replayed-answer', 'An answer to a nonce from before.', 'QUORUM', [
      answer(0),
      answer(1, { body: nonceBody({ ...block, nonce: old }) }),
    ]),
    asked(
      'all-replayed',
      'All answers are to a nonce from before.',
      'QUORUM',
      [0, 1, 2].map((index) => answer(index, { body: nonceBody({ ...block, nonce: old }) })),
    ),
    asked(
      'notes-on-blocks',
      'Notes on blocks in the place of answers: they are old, and say nothing of the nonce.',
      'QUORUM',
      [0, 1].map((index) => answer(index, { body: noteBody(block) })),
    ),
    asked('a-stranger', 'A stranger answers.', 'QUORUM', [answer(0), answer(5)]),
    asked('a-stranger-under-a-witnesss-name', 'A stranger answers under a witness’s name.', 'QUORUM', [
      answer(0),
      answer(1, { by: 5 }),
    ]),
    asked(
      'another-chain',
      'Answers of another chain’s witnesses, who are the same.',
      'QUORUM',
      [0, 1].map((index) => answer(index, { body: nonceBody({ ...block, chain: 'eip155:1338', nonce }) })),
    ),
    asked(
      'another-genesis',
      'Answers of a chain that was begun anew.',
      'QUORUM',
      [0, 1].map((index) => answer(index, { body: nonceBody({ ...block, genesis: `0x${'98'.repeat(32)}`, nonce }) })),
    ),
    asked('a-height-with-a-leading-zero', 'A height in another form.', 'QUORUM', [
      answer(0),
      answer(1, { body: padded }),
    ]),
    asked('empty-notes', 'Notes of nothing.', 'QUORUM', [raw(0, ''), raw(1, '\n\n\n\n')]),
    asked('endless-notes', 'Notes of 20,000 bytes.', 'QUORUM', [
      raw(0, `${nonceBody({ ...block, nonce })}\n${'x'.repeat(20_000)}`),
      answer(1),
    ]),
  ],
};
