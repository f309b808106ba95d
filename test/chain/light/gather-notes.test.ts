import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { collectQuorum, type AskNote } from '../../../chain/light/witness/collect-quorum.ts';
import { gatherNotes } from '../../../chain/light/witness/gather-notes.ts';
import { makeNote } from '../../../chain/light/witness/make-note.ts';
import { noteBody } from '../../../chain/light/witness/note-body.ts';
import { parseWitnessNote } from '../../../chain/light/witness/parse-witness-note.ts';
import { verifyNote } from '../../../chain/light/witness/verify-note.ts';
import { createWitnesses } from '../../support/test-witnesses.ts';
import { CHAIN, hashOf, START } from '../../support/witness-world.ts';

const witnesses = createWitnesses(4);
const anchor = {
  ...CHAIN,
  staleAfter: 400,
  finality: { kind: 'witnesses' as const, witnesses: witnesses.map(({ name, publicKey }) => ({ name, publicKey })) },
};

/** The note of witness `by` on a block of `fork` at `height`, `later` seconds after the start. */
function noteText({
  by,
  height,
  fork = '',
  later = 0n,
}: {
  by: number;
  height: bigint;
  fork?: string;
  later?: bigint;
}) {
  const witness = witnesses[by];
  if (!witness) throw new TypeError('no such witness');
  const body = noteBody({ ...CHAIN, height, hash: hashOf(`${fork}${height}`) });
  return Buffer.from(makeNote({ body, time: START + later }, { witness }));
}

function noteOf(of: Parameters<typeof noteText>[0]) {
  const witness = witnesses[of.by];
  if (!witness) throw new TypeError('no such witness');
  return parseWitnessNote(noteText(of), { ...CHAIN, witness });
}

describe('notes of single witnesses', () => {
  test('make a quorum at the highest height that enough of them signed', () => {
    const notes = [0, 1, 2].map((by) => noteOf({ by, height: 5n }));
    const higher = [3, 1, 0].map((by) => noteOf({ by, height: 7n, later: BigInt(by) }));
    const found = gatherNotes([...notes, ...higher, noteOf({ by: 3, height: 9n })], { anchor });
    expect(found).toMatchObject({ height: 7n, hash: hashOf('7'), signers: ['witness-0', 'witness-1', 'witness-3'] });
    const body = noteBody({ ...CHAIN, height: 7n, hash: hashOf('7') });
    expect(verifyNote({ note: found?.note ?? Buffer.of(), body }, anchor.finality).attestedAt).toBe(START + 1n);
  });

  test.each([
    ['two of four', [0, 1]],
    ['one of four three times', [0, 0, 0]],
    ['one of four twice and another', [0, 0, 1]],
  ])('make none of %s', (_, signers) => {
    expect(
      gatherNotes(
        signers.map((by) => noteOf({ by, height: 5n })),
        { anchor },
      ),
    ).toBeUndefined();
  });

  test('make none of two blocks of one height', () => {
    const notes = [0, 1, 2, 3].map((by) => noteOf({ by, height: 5n, fork: by < 2 ? 'a' : 'b' }));
    expect(gatherNotes(notes, { anchor })).toBeUndefined();
  });

  test('of two quorums at one height none is believed, and both are evidence', () => {
    const notes = ['a', 'b'].flatMap((fork) => [0, 1, 2].map((by) => noteOf({ by, height: 5n, fork })));
    expect(() => gatherNotes(notes, { anchor })).toThrow(
      expect.objectContaining({ code: 'EQUIVOCATION', details: expect.objectContaining({ height: '5' }) as object }),
    );
  });

  test('count with their latest time', () => {
    const notes = [0, 1, 2].flatMap((by) => [9n, 0n].map((later) => noteOf({ by, height: 5n, later })));
    expect(gatherNotes(notes, { anchor })?.attestedAt).toBe(START + 9n);
  });

  test('are refused where one bit is another', () => {
    const [witness] = witnesses;
    if (!witness) throw new TypeError('no witness');
    const note = noteText({ by: 0, height: 5n });
    fc.assert(
      fc.property(fc.nat({ max: note.length * 8 - 1 }), (bit) => {
        const bent = Buffer.from(note);
        bent[bit >> 3] = (bent[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(() => parseWitnessNote(bent, { ...CHAIN, witness })).toThrow(
          expect.objectContaining({ code: 'PROOF_INVALID' }),
        );
      }),
    );
  });

  test.each([
    ['of another witness', noteText({ by: 1, height: 5n })],
    ['longer than any', Buffer.alloc(20_000, 'a')],
    ['empty', Buffer.of()],
  ])('are refused where they are %s', (_, note) => {
    const [witness] = witnesses;
    if (!witness) throw new TypeError('no witness');
    expect(() => parseWitnessNote(note, { ...CHAIN, witness })).toThrow(
      expect.objectContaining({ code: 'PROOF_INVALID' }),
    );
  });
});

describe('a collector', () => {
  /** Witnesses that are at `heights`, honest up to there. */
  const honest =
    (heights: readonly (bigint | undefined)[]): AskNote =>
    ({ witness, height }) => {
      const by = witnesses.findIndex(({ name }) => name === witness);
      const at = heights[by];
      if (at === undefined || (height !== 'latest' && height > at)) return Promise.resolve(undefined);
      return Promise.resolve(noteText({ by, height: height === 'latest' ? at : height }));
    };

  test.each([
    { heights: [9n, 9n, 9n, 9n], found: 9n },
    { heights: [9n, 8n, 7n, 6n], found: 7n },
    { heights: [9n, 8n, 7n, undefined], found: 7n },
    { heights: [9n, 9n, undefined, undefined], found: undefined },
  ])('finds $found where they are at $heights', async ({ heights, found }) => {
    const quorum = await collectQuorum({ ask: honest(heights), anchor, onTrouble: () => undefined });
    expect(quorum?.height).toBe(found);
  });

  test('is not led up by a liar, and names whose answers are of no use', async () => {
    const ask: AskNote = (question) => {
      if (question.witness === 'witness-0')
        return Promise.resolve(noteText({ by: 0, height: 10n ** 18n, fork: 'lie' }));
      if (question.witness === 'witness-1') return Promise.resolve(Buffer.from('no note'));
      return honest([undefined, undefined, 6n, 7n])(question);
    };
    const troubles: string[] = [];
    const quorum = await collectQuorum({
      ask,
      anchor: {
        ...anchor,
        finality: { ...anchor.finality, witnesses: anchor.finality.witnesses.filter((_, at) => at !== 1) },
      },
      onTrouble: ({ witness, error }) => troubles.push(`${witness} ${error.code}`),
    });
    expect(quorum).toMatchObject({ height: 6n, signers: ['witness-2', 'witness-3'] });
    const all = await collectQuorum({
      ask,
      anchor,
      onTrouble: ({ witness, error }) => troubles.push(`${witness} ${error.code}`),
    });
    expect(all).toBeUndefined();
    expect(new Set(troubles)).toEqual(new Set(['witness-0 PROOF_INVALID', 'witness-1 PROOF_INVALID']));
  });

  test.each([
    ['signs another block of the height', { height: 7n, fork: 'lie' }, 'EQUIVOCATION'],
    ['shows an old note for ever', { height: 3n, later: -101n }, 'FREEZE'],
    ['is a little behind', { height: 3n, later: -100n }, undefined],
    ['is ahead', { height: 9n }, undefined],
  ])('goes on beside one that %s, and names it', async (_, note, code) => {
    const ask: AskNote = (question) => {
      if (question.witness !== 'witness-3') return honest([7n, 7n, 7n, undefined])(question);
      const height = question.height === 'latest' ? note.height : question.height;
      return Promise.resolve(noteText({ by: 3, ...note, height }));
    };
    const troubles: string[] = [];
    const quorum = await collectQuorum({
      ask,
      anchor,
      onTrouble: ({ witness, error }) => troubles.push(`${witness} ${error.code}`),
    });
    expect(quorum).toMatchObject({ height: 7n, hash: hashOf('7') });
    expect(troubles).toEqual(code === undefined ? [] : [`witness-3 ${code}`]);
  });

  test('asks each witness a bounded number of times', async () => {
    const asked = new Map<string, number>();
    const ask: AskNote = (question) => {
      asked.set(question.witness, (asked.get(question.witness) ?? 0) + 1);
      return honest([9n, 8n, undefined, undefined])(question);
    };
    await collectQuorum({ ask, anchor, onTrouble: () => undefined });
    expect(Math.max(...asked.values())).toBeLessThanOrEqual(5);
  });
});
