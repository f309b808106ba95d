import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasCode } from '../../../core/errors.ts';
import type { Anchor } from '../../../core/state/anchor.ts';
import { MAX_ANCHORS, planAnchors } from '../../../core/state/plan-anchors.ts';
import { messageOfAnchor } from '../../../core/state/anchor-message.ts';
import { signedAnchorSchema, type SignedAnchor } from '../../../core/state/signed-anchor.ts';
import { verifyNextAnchor } from '../../../core/state/verify-next-anchor.ts';
import { MAX_ANCHORS_BYTES, parseAnchors } from '../../../core/wire/anchors.ts';
import { isSignedBy } from '../../../cli/is-signed-by.ts';
import { rootedAnchor, rootKeys, rootsOf, signAnchor } from '../../support/test-anchors.ts';
import { four, qbftAnchor } from '../../support/test-bundles.ts';

const hash = (byte: number): `0x${string}` => `0x${byte.toString(16).padStart(2, '0').repeat(32)}`;
const keysAt = (...indices: readonly number[]) => rootKeys.filter((_, index) => indices.includes(index));
const current = rootedAnchor();
const second = rootedAnchor({ version: 2, staleAfter: 3600 });

function verdict(next: SignedAnchor, from: Anchor = current): string {
  try {
    expect(verifyNextAnchor({ current: from, next }, { isSignedBy })).toEqual(next.anchor);
    return 'ok';
  } catch (error) {
    if (!hasCode(error)) throw error;
    return error.code;
  }
}

function parseVerdict(bytes: Uint8Array, from: Anchor = current): string {
  try {
    const [next] = parseAnchors(bytes);
    return next === undefined ? 'none' : verdict(next, from);
  } catch (error) {
    if (!hasCode(error)) throw error;
    return error.code;
  }
}

const toBytes = (value: unknown) => Buffer.from(JSON.stringify(value));

describe('a threshold of roots', () => {
  test('every subset of signers below it is refused, every one from it on is not', async () => {
    const three = rootsOf(2, [0, 3]);
    for (let subset = 0; subset < 64; subset++) {
      const signers = rootKeys.filter((_, index) => (subset & (1 << index)) !== 0);
      const counted = signers.filter(({ account }) => three.accounts.includes(account)).length;
      expect(verdict(await signAnchor(second, signers))).toBe(counted >= 2 ? 'ok' : 'QUORUM');
    }
  });

  test('holds of the old roots and of the new ones, for every set of either and every subset of signers', async () => {
    const from = rootedAnchor({ roots: rootsOf(2, [0, 3]) });
    for (const [low, high, threshold] of [
      [0, 3, 3],
      [1, 4, 2],
      [2, 5, 3],
      [3, 6, 2],
      [0, 6, 4],
      [0, 1, 1],
    ] as const) {
      const roots = rootsOf(threshold, [low, high]);
      const next = rootedAnchor({ version: 2, roots });
      for (let subset = 0; subset < 64; subset++) {
        const signers = rootKeys.filter((_, index) => (subset & (1 << index)) !== 0);
        const count = ({ accounts }: typeof roots) =>
          signers.filter(({ account }) => accounts.includes(account)).length;
        const isEnough = count(rootsOf(2, [0, 3])) >= 2 && count(roots) >= threshold;
        expect(verdict(await signAnchor(next, signers), from)).toBe(isEnough ? 'ok' : 'QUORUM');
      }
    }
  });

  test('is not reached by one signature under several names', async () => {
    const signed = await signAnchor(second, keysAt(0));
    const [first] = signed.signatures;
    const borrowed = keysAt(1, 2).map(({ account }) => ({ account, signature: first?.signature ?? '0x' }));
    expect(verdict({ ...signed, signatures: [...signed.signatures, ...borrowed] })).toBe('QUORUM');
  });

  test('counts no signature of another statement or of another anchor', async () => {
    const elsewhere = await Promise.all(
      keysAt(0, 1).map(async (key) => {
        const undomained = messageOfAnchor(second).subarray('dewproof anchor v1\n'.length);
        return { account: key.account, signature: await key.signMessage(undomained) };
      }),
    );
    expect(verdict({ ...(await signAnchor(second, [])), signatures: elsewhere })).toBe('QUORUM');
    const { signatures } = await signAnchor({ ...second, version: 3 }, keysAt(0, 1));
    expect(verdict({ ...(await signAnchor(second, [])), signatures })).toBe('QUORUM');
  });

  test('an anchor without roots is replaced by nobody from afar', async () => {
    const rootless = { ...current, roots: undefined };
    expect(verdict(await signAnchor(second, rootKeys), rootless)).toBe('QUORUM');
  });
});

describe('the next anchor', () => {
  const signed = (change: Partial<Anchor>) => signAnchor(rootedAnchor({ version: 2, ...change }), keysAt(0, 1));
  const checkpoint = { height: 500, hash: hash(5), time: 1000 };
  const checked = rootedAnchor({ checkpoint });

  test.each<[string, Partial<Anchor>, string]>([
    ['of the same version', { version: 1 }, 'ROLLBACK'],
    ['of another tenant', { tenant: 'bluefields' }, 'WRONG_CHAIN'],
    ['of another chain', { chain: 'eip155:1' }, 'WRONG_CHAIN'],
    ['of another genesis', { genesis: hash(1) }, 'WRONG_CHAIN'],
    ['without roots', { roots: undefined }, 'PROOF_INVALID'],
    [
      'that trusts a node',
      { finality: { kind: 'rpc', url: 'http://127.0.0.1:8545', confirmations: 0 } },
      'PROOF_INVALID',
    ],
    ['of a version far ahead', { version: 1_001 }, 'ok'],
    ['of a version further than any may jump', { version: 1_002 }, 'FAST_FORWARD'],
    ['of the last version', { version: Number.MAX_SAFE_INTEGER }, 'FAST_FORWARD'],
    ['of another registry', { registry: `0x${'43'.repeat(20)}`, codeHash: hash(7), beginsAt: 700 }, 'ok'],
    ['of a history that begins later', { beginsAt: 4 }, 'PROOF_INVALID'],
    ['of a history that begins earlier', { beginsAt: 2 }, 'PROOF_INVALID'],
    ['of validators', { finality: qbftAnchor(four).finality }, 'ok'],
    ['with a checkpoint', { checkpoint }, 'ok'],
  ])('%s', async (_, change, expected) => {
    expect(verdict(await signed(change))).toBe(expected);
  });

  test('may stay with a node where the old one trusts one, and leave it', async () => {
    const finality = { kind: 'rpc', url: 'http://127.0.0.1:8545', confirmations: 0 } as const;
    const from = rootedAnchor({ finality });
    expect(verdict(await signed({ finality }), from)).toBe('ok');
    expect(verdict(await signed({}), from)).toBe('ok');
  });

  test.each<[string, Partial<Anchor>, string]>([
    ['the same checkpoint', { checkpoint }, 'ok'],
    ['a later one', { checkpoint: { height: 501, hash: hash(6), time: 1000 } }, 'ok'],
    ['none', {}, 'ROLLBACK'],
    ['a lower one', { checkpoint: { height: 499, hash: hash(5), time: 1000 } }, 'ROLLBACK'],
    ['an earlier one', { checkpoint: { height: 501, hash: hash(6), time: 999 } }, 'ROLLBACK'],
    ['another block of that height', { checkpoint: { height: 500, hash: hash(6), time: 1000 } }, 'EQUIVOCATION'],
  ])('after a checkpoint: %s', async (_, change, expected) => {
    expect(verdict(await signed(change), checked)).toBe(expected);
  });

  test('keeps the block from which validators were trusted', async () => {
    const from = rootedAnchor({ finality: qbftAnchor(four).finality });
    const at = (height: number, byte: number) => ({
      finality: { ...qbftAnchor(four).finality, height, hash: hash(byte) },
    });
    expect(verdict(await signed(at(100, 0x77)), from)).toBe('ok');
    expect(verdict(await signed(at(101, 0x78)), from)).toBe('ok');
    expect(verdict(await signed(at(99, 0x77)), from)).toBe('ROLLBACK');
    expect(verdict(await signed(at(100, 0x78)), from)).toBe('EQUIVOCATION');
    expect(verdict(await signed({}), from)).toBe('ROLLBACK');
    expect(verdict(await signed({ checkpoint: { height: 100, hash: hash(0x77), time: 5 } }), from)).toBe('ok');
  });

  test('survives no flipped bit', async () => {
    const bytes = toBytes(await signAnchor(second, keysAt(0, 1)));
    expect(parseVerdict(bytes)).toBe('ok');
    for (let index = 0; index < bytes.length; index++) {
      const flipped = Buffer.from(bytes);
      flipped[index] = (flipped[index] ?? 0) ^ (1 << (index % 8));
      expect([index, parseVerdict(flipped)]).not.toEqual([index, 'ok']);
    }
  }, 60_000);

  test('is the signed one, whatever byte is replaced, dropped or added', async () => {
    const bytes = toBytes(await signAnchor(second, keysAt(0, 1)));
    // Blanks and escapes (`\\/`) write the same anchor in another way.
    const taken = (changed: Uint8Array) => (parseVerdict(changed) === 'ok' ? parseAnchors(changed)[0]?.anchor : second);
    const place = fc.integer({ min: 0, max: bytes.length - 1 });
    fc.assert(
      fc.property(place, fc.integer({ min: 0, max: 255 }), (index, byte) => {
        const [before, after] = [bytes.subarray(0, index), bytes.subarray(index + 1)];
        expect(taken(Buffer.concat([before, Buffer.of(byte), after]))).toEqual(second);
        expect(taken(Buffer.concat([before, after]))).toEqual(second);
        expect(taken(Buffer.concat([before, Buffer.of(byte), bytes.subarray(index)]))).toEqual(second);
      }),
      { numRuns: 300 },
    );
  }, 60_000);
});

describe('signatures', () => {
  const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const parses = (value: unknown) => signedAnchorSchema.safeParse(value).success;

  test('have one form: s is low, v is 27 or 28, digits are lower-case', async () => {
    const signed = await signAnchor(second, keysAt(0, 1));
    const withFirst = (change: (text: string) => string) => ({
      ...signed,
      signatures: signed.signatures.map((one, index) =>
        index === 0 ? { ...one, signature: change(one.signature) } : one,
      ),
    });
    const highS = (text: string) => {
      const s = (ORDER - BigInt(`0x${text.slice(66, 130)}`)).toString(16).padStart(64, '0');
      return `${text.slice(0, 66)}${s}${text.endsWith('1b') ? '1c' : '1b'}`;
    };
    expect(parses(signed)).toBe(true);
    expect(parses(withFirst(highS))).toBe(false);
    expect(parses(withFirst((text) => highS(highS(text))))).toBe(true);
    expect(parses(withFirst((text) => `${text.slice(0, -2)}00`))).toBe(false);
    expect(parses(withFirst((text) => text.slice(0, -2)))).toBe(false);
    expect(parses(withFirst((text) => `0x${text.slice(2).toUpperCase()}`))).toBe(false);
  });

  test('are over a line of their own and the canonical anchor, defaults written out', () => {
    const message = Buffer.from(messageOfAnchor(second)).toString();
    expect(message).toMatch(/^dewproof anchor v1\n\{"apiVersion":"dewproof\/v1","beginsAt":3,"chain":"eip155:1337",/);
    expect(message).toContain('"maxStaleness":2592000,"registry":');
  });

  test('are one of each account, and no more than 64', async () => {
    const signed = await signAnchor(second, keysAt(0, 1));
    expect(parses({ ...signed, signatures: [...signed.signatures, signed.signatures[0]] })).toBe(false);
    const strangers = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        account: `0x${index.toString(16).padStart(40, '0')}`,
        signature: signed.signatures[0]?.signature,
      }));
    expect(parses({ ...signed, signatures: strangers(64) })).toBe(true);
    expect(parses({ ...signed, signatures: strangers(65) })).toBe(false);
  });

  test('of strangers are not even looked at', async () => {
    const signed = await signAnchor(second, rootKeys);
    const asked: string[] = [];
    verifyNextAnchor(
      { current, next: signed },
      {
        isSignedBy: (claim) => {
          asked.push(claim.account);
          return isSignedBy(claim);
        },
      },
    );
    expect(asked).toEqual(rootsOf(2, [0, 3]).accounts);
  });
});

describe('planAnchors', () => {
  const at = (version: number, [low, high]: readonly [number, number]) =>
    rootedAnchor({ version, roots: rootsOf(2, [low, high]) });
  const first = at(1, [0, 3]);

  /** Roots move on by one key with each version: nobody can go from 1 to 4 in one step. */
  const chain = async () => [
    await signAnchor(at(2, [1, 4]), keysAt(1, 2)),
    await signAnchor(at(3, [2, 5]), keysAt(2, 3)),
    await signAnchor(at(4, [3, 6]), keysAt(3, 4)),
  ];
  const plan = (offered: readonly SignedAnchor[], from = first) =>
    planAnchors({ current: from, offered }, { isSignedBy });
  const versions = ({ taken }: ReturnType<typeof plan>) => taken.map(({ anchor }) => anchor.version);

  test('walks through every rotation, in whatever order they come', async () => {
    const offered = await chain();
    for (const order of [offered, offered.toReversed(), [offered[1], offered[2], offered[0], offered[1]]]) {
      const found = plan(order.filter((one) => one !== undefined));
      expect(versions(found)).toEqual([2, 3, 4]);
      expect(found).toMatchObject({ anchor: { version: 4 }, refusal: undefined });
    }
  });

  test('goes as far as the chain holds, and says why no further', async () => {
    const [two, , four4] = await chain();
    const found = plan([two, four4].filter((one) => one !== undefined));
    expect(versions(found)).toEqual([2]);
    expect(found).toMatchObject({ anchor: { version: 2 }, refusal: { code: 'QUORUM' } });
  });

  test('passes over what it has, and takes nothing twice', async () => {
    const offered = await chain();
    expect(plan(offered, at(4, [3, 6]))).toMatchObject({ taken: [], refusal: undefined });
    expect(versions(plan([...offered, ...offered]))).toEqual([2, 3, 4]);
  });

  test('ends at the first that is refused: a liar gets no more work done', async () => {
    let checks = 0;
    const forged = await Promise.all(
      Array.from({ length: 50 }, (_, index) => signAnchor(at(index + 2, [0, 3]), keysAt(4, 5))),
    );
    const claims = forged.map((one) => ({
      ...one,
      signatures: one.signatures.map(({ signature }, index) => ({
        account: first.roots?.accounts[index] ?? '0x',
        signature,
      })),
    }));
    const found = planAnchors(
      { current: first, offered: claims },
      {
        isSignedBy: (claim) => {
          checks++;
          return isSignedBy(claim);
        },
      },
    );
    expect(found).toMatchObject({ taken: [], refusal: { code: 'QUORUM' } });
    expect(checks).toBe(2);
  });

  test('caps how many', async () => {
    const one = await signAnchor(at(2, [0, 3]), keysAt(0, 1));
    expect(() => plan(Array.from({ length: MAX_ANCHORS + 1 }, () => one))).toThrow(
      expect.objectContaining({ code: 'ENDLESS_DATA' }),
    );
  });
});

describe('parseAnchors', () => {
  test('takes one anchor or a list, whole', async () => {
    const signed = await signAnchor(second, keysAt(0, 1));
    expect(parseAnchors(toBytes(signed))).toEqual([signed]);
    expect(parseAnchors(toBytes({ anchors: [signed] }))).toEqual([signed]);
    expect(parseAnchors(toBytes({ anchors: [] }))).toEqual([]);
  });

  test.each<[string, Uint8Array, string]>([
    ['an unsigned anchor', toBytes(current), 'SCHEMA'],
    ['a list of something else', toBytes({ anchors: [1] }), 'SCHEMA'],
    ['more fields', toBytes({ anchors: [], more: 1 }), 'SCHEMA'],
    [
      'more anchors than there may be',
      toBytes({ anchors: Array.from({ length: MAX_ANCHORS + 1 }, () => 0) }),
      'SCHEMA',
    ],
    ['no JSON', Buffer.from('anchors'), 'SCHEMA'],
    ['more bytes than there may be', Buffer.alloc(MAX_ANCHORS_BYTES + 1, 0x20), 'ENDLESS_DATA'],
  ])('refuses %s', (_, bytes, code) => {
    expect(parseVerdict(bytes)).toBe(code);
  });
});
