import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KEPT_CONTRADICTIONS, KEPT_HEADS } from '../../../chain/witness/create-signer.ts';
import { parseWitnessNote } from '../../../chain/light/witness/parse-witness-note.ts';
import { verifyNote } from '../../../chain/light/witness/verify-note.ts';
import { verifyNonceNotes } from '../../../chain/light/witness/verify-nonce-notes.ts';
import { noteBody } from '../../../chain/light/witness/note-body.ts';
import type { NodeReading, WitnessNode } from '../../../core/witness/ports.ts';
import { createWitnesses } from '../../support/test-witnesses.ts';
import {
  CHAIN,
  createTestChain,
  createTestDisk,
  createTestSigner,
  hashOf,
  lookAt,
  nodeOf,
  servedBy,
  START,
} from '../../support/witness-world.ts';

const [witness] = createWitnesses(1);
if (!witness) throw new TypeError('no witness');
const CONFIRMATIONS = 3;

function openWorld() {
  const chain = createTestChain();
  const disk = createTestDisk();
  const now = { seconds: START };
  const node = nodeOf(chain, { confirmations: CONFIRMATIONS });
  return { chain, disk, now, boot: () => createTestSigner({ disk, node, now }) };
}

describe('a witness', () => {
  test('signs every block that is deep enough, as the checker verifies', async () => {
    const { chain, boot } = openWorld();
    const signer = boot();
    expect(() => signer.latest()).toThrow(expect.objectContaining({ code: 'LEDGER_BEHIND' }));
    expect(await lookAt(signer)).toBeUndefined();
    expect(() => signer.latest()).toThrow(expect.objectContaining({ code: 'LEDGER_BEHIND' }));
    chain.mine(5);
    await lookAt(signer);
    chain.mine(4);
    await lookAt(signer);
    const heights = chain.blocks.map(({ height }) => height);
    expect(servedBy(signer, heights).map(([height]) => height)).toEqual([2n, 3n, 4n, 5n, 6n]);
    const { hash = hashOf('') } = chain.blocks[6] ?? {};
    const body = noteBody({ ...CHAIN, height: 6n, hash });
    const note = Buffer.from(signer.latest());
    expect(verifyNote({ note, body }, { witnesses: [witness] })).toEqual({
      signers: [witness.name],
      attestedAt: START,
    });
  });

  test('signs an idle head again after an eighth of staleAfter, and where its clock was ahead', async () => {
    const { chain, now, boot } = openWorld();
    const signer = boot();
    const signedAt = () => parseWitnessNote(Buffer.from(signer.latest()), { ...CHAIN, witness }).signedAt - START;
    chain.mine(5);
    const seen: bigint[] = [];
    for (const later of [0n, 10_799n, 10_800n, 20_000n, 100n]) {
      now.seconds = START + later;
      await lookAt(signer);
      seen.push(signedAt());
    }
    expect(seen).toEqual([0n, 0n, 10_800n, 10_800n, 100n]);
  });

  test('refuses a chain that lost what it signed, keeps the evidence, and goes on once the block is back', async () => {
    const { chain, disk, boot } = openWorld();
    const signer = boot();
    chain.mine(10);
    await lookAt(signer);
    const before = [...chain.blocks];
    chain.cut(5);
    chain.mine(9, 'other');
    expect(await lookAt(signer)).toBe('EQUIVOCATION');
    expect(await lookAt(signer)).toBe('EQUIVOCATION');
    for (const serve of [() => signer.latest(), () => signer.at(7n), () => signer.answer(hashOf('nonce'))]) {
      expect(serve).toThrow(expect.objectContaining({ code: 'EQUIVOCATION' }));
    }
    expect(disk.records.contradictions).toEqual([
      { height: 7n, signedHash: before[7]?.hash, nodeHash: chain.blocks[7]?.hash, seenAt: START },
    ]);
    expect(await lookAt(boot())).toBe('EQUIVOCATION');
    chain.blocks = before;
    chain.mine(1);
    expect(await lookAt(signer)).toBeUndefined();
    expect(servedBy(signer, [8n])).toHaveLength(1);
    expect(signer.standing().contradictions).toHaveLength(1);
  });

  test('keeps the newest contradictions alone: a node that lies anew at each look must not fill its memory', async () => {
    const { chain, boot } = openWorld();
    const signer = boot();
    chain.mine(10);
    await lookAt(signer);
    for (let fork = 0; fork < KEPT_CONTRADICTIONS + 3; fork += 1) {
      chain.cut(5);
      chain.mine(5, `fork ${fork}`);
      expect(await lookAt(signer)).toBe('EQUIVOCATION');
    }
    const { contradictions } = signer.standing();
    expect(contradictions).toHaveLength(KEPT_CONTRADICTIONS);
    expect(contradictions.at(-1)?.nodeHash).toBe(chain.blocks[7]?.hash);
  });

  test('after a restart serves nothing before its node has shown the block that it signed', async () => {
    const { chain, boot } = openWorld();
    chain.mine(10);
    const first = boot();
    await lookAt(first);
    const second = boot();
    expect(servedBy(second, [7n])).toEqual([]);
    chain.cut(6);
    expect(await lookAt(second)).toBe('LEDGER_BEHIND');
    expect(servedBy(second, [7n])).toEqual([]);
    chain.mine(6);
    expect(await lookAt(second)).toBeUndefined();
    expect(second.latest()).toBe(first.latest());
  });

  test('keeps to the chain of its first start', async () => {
    const { chain, disk, boot } = openWorld();
    chain.mine(5);
    const signer = boot();
    await lookAt(signer);
    const other: WitnessNode = {
      read: async (question) => ({
        ...(await nodeOf(chain, { confirmations: 0 }).read(question)),
        genesis: hashOf('another'),
      }),
    };
    const moved = createTestSigner({ disk, node: other });
    expect(await lookAt(moved)).toBe('WRONG_CHAIN');
    expect(() => moved.latest()).toThrow(expect.objectContaining({ code: 'WRONG_CHAIN' }));
  });

  test('does not vouch for the time of a lost clock', async () => {
    const { chain, now, boot } = openWorld();
    chain.mine(5);
    now.seconds = 0n;
    expect(await lookAt(boot())).toBe('CONFIG');
  });

  test('keeps a bounded history', async () => {
    const { chain, boot } = openWorld();
    const signer = boot();
    chain.mine(4);
    for (let round = 0; round < 6; round += 1) {
      await lookAt(signer);
      chain.mine(250);
    }
    await lookAt(signer);
    const served = servedBy(
      signer,
      chain.blocks.map(({ height }) => height),
    );
    expect(served).toHaveLength(KEPT_HEADS);
    expect(served.at(-1)?.[0]).toBe(1501n);
  });

  test('signs a nonce with the time and its newest block, which passes for no note on a block', async () => {
    const { chain, now, boot } = openWorld();
    chain.mine(5);
    const signer = boot();
    await lookAt(signer);
    now.seconds += 500n;
    const nonce = hashOf('nonce');
    const note = Buffer.from(signer.answer(nonce));
    const anchor = { ...CHAIN, finality: { kind: 'witnesses' as const, witnesses: [witness] } };
    const answers = [{ witness: witness.name, note }];
    expect(verifyNonceNotes({ nonce, answers }, { anchor })).toEqual({
      attestedAt: START + 500n,
      latestAt: START + 500n,
      signers: [witness.name],
    });
    const quorum = expect.objectContaining({ code: 'QUORUM' }) as Error;
    expect(() => verifyNonceNotes({ nonce: hashOf('other'), answers }, { anchor })).toThrow(quorum);
    expect(() =>
      verifyNonceNotes({ nonce, answers: [{ witness: witness.name, note: Buffer.from(signer.latest()) }] }, { anchor }),
    ).toThrow(quorum);
    expect(() => parseWitnessNote(note, { ...CHAIN, witness })).toThrow(
      expect.objectContaining({ code: 'PROOF_INVALID' }),
    );
  });
});

describe('no witness signs two blocks of one height', () => {
  test.each(['before', 'after'] as const)('where power is cut %s a write', async (moment) => {
    let cuts = 0;
    for (let at = 1; ; at += 1) {
      const { chain, disk, boot } = openWorld();
      const served = new Map<bigint, string>();
      const noteAll = (signer: ReturnType<typeof boot>) => {
        const heights = Array.from({ length: 40 }, (_, height) => BigInt(height));
        for (const [height, hash] of servedBy(signer, heights)) {
          expect(served.get(height) ?? hash).toBe(hash);
          served.set(height, hash);
        }
      };
      const signer = boot();
      disk.cut = { at, moment };
      for (let round = 0; round < 3 && disk.writes < at; round += 1) {
        chain.mine(4);
        await lookAt(signer);
        noteAll(signer);
      }
      if (disk.writes < at) break;
      cuts += 1;
      disk.cut = undefined;
      // What was not signed yet may be lost, and more than that.
      chain.cut(CONFIRMATIONS + 2);
      chain.mine(12, 'other');
      const again = boot();
      await lookAt(again);
      noteAll(again);
    }
    // The chain, and a batch of heads for each round.
    expect(cuts).toBe(4);
  });

  test('whatever its node answers, whenever it is killed', async () => {
    const small = fc.nat({ max: 6 });
    const step = fc.oneof(
      fc.record({ do: fc.constant('mine' as const), count: small, fork: fc.constantFrom('', 'a', 'b') }),
      fc.record({ do: fc.constant('cut' as const), count: small }),
      fc.record({ do: fc.constant('look' as const) }),
      fc.record({ do: fc.constant('kill' as const), moment: fc.constantFrom('before' as const, 'after' as const) }),
      fc.record({ do: fc.constant('lie' as const), reading: lies }),
      fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: -20_000, max: 20_000 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { chain, disk, now } = openWorld();
        const honest = nodeOf(chain, { confirmations: CONFIRMATIONS });
        let lie: Lie | undefined;
        const node: WitnessNode = {
          read: async (question) => (lie ? { ...(await honest.read(question)), ...lie } : honest.read(question)),
        };
        const boot = () => createTestSigner({ disk, node, now });
        let signer = boot();
        const served = new Map<bigint, string>();
        let highest = -1n;
        for (const one of steps) {
          if (one.do === 'mine') chain.mine(one.count, one.fork);
          if (one.do === 'cut') chain.cut(one.count);
          if (one.do === 'wait') now.seconds += BigInt(one.seconds);
          lie = one.do === 'lie' ? one.reading : undefined;
          if (one.do === 'kill') disk.cut = { at: disk.writes + 1, moment: one.moment };
          await lookAt(signer);
          if (one.do === 'kill') {
            disk.cut = undefined;
            signer = boot();
          }
          for (const [height, hash] of servedBy(signer, HEIGHTS)) {
            expect(served.get(height) ?? hash).toBe(hash);
            served.set(height, hash);
          }
          const { signed } = signer.standing();
          if (signed) {
            expect(signed.height).toBeGreaterThanOrEqual(highest);
            highest = signed.height;
          }
        }
      }),
      { numRuns: 400 },
    );
  });
});

type Lie = Pick<NodeReading, 'blocks'> & Partial<Pick<NodeReading, 'atSigned'>>;

const HEIGHTS = Array.from({ length: 300 }, (_, height) => BigInt(height));

const hashes = fc.constantFrom('a', 'b', 'c').map(hashOf);
const lyingBlock = fc.record({ height: fc.bigInt({ min: 0n, max: 20n }), hash: hashes, parentHash: hashes });
const lies: fc.Arbitrary<Lie> = fc.record(
  { blocks: fc.array(lyingBlock, { maxLength: 3 }), atSigned: lyingBlock },
  { requiredKeys: ['blocks'] },
);
