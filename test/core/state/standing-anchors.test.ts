import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Anchor } from '../../../core/state/anchor.ts';
import { standingAnchors } from '../../../core/state/standing-anchors.ts';
import { rootedAnchor, rootsOf } from '../../support/test-anchors.ts';
import { four, qbftAnchor } from '../../support/test-bundles.ts';

const hash = (byte: number): `0x${string}` => `0x${byte.toString(16).padStart(2, '0').repeat(32)}`;
const rpc = { kind: 'rpc', url: 'http://127.0.0.1:8545', confirmations: 0 } as const;
const checkpoint = { height: 500, hash: hash(5), time: 1000 };

const versions = (anchors: readonly Anchor[]) => anchors.map(({ version }) => version);

describe('a former anchor', () => {
  test.each<[string, readonly [Partial<Anchor>, Partial<Anchor>], boolean]>([
    ['of the same signers stands', [{}, {}], true],
    ['of other signers stands', [{ finality: qbftAnchor(four).finality }, {}], true],
    ['of other roots and freshness stands', [{ roots: rootsOf(1, [3, 5]), staleAfter: 5 }, {}], true],
    ['with the same checkpoint stands', [{ checkpoint }, { checkpoint: { ...checkpoint } }], true],
    ['before a first checkpoint does not', [{}, { checkpoint }], false],
    ['before a later checkpoint does not', [{ checkpoint }, { checkpoint: { ...checkpoint, height: 501 } }], false],
    ['before another block does not', [{ checkpoint }, { checkpoint: { ...checkpoint, hash: hash(6) } }], false],
    ['before another time does not', [{ checkpoint }, { checkpoint: { ...checkpoint, time: 1001 } }], false],
    ['with a checkpoint that is gone does not', [{ checkpoint }, {}], false],
    ['of another registry does not', [{ registry: `0x${'43'.repeat(20)}` }, {}], false],
    ['of other code does not', [{ codeHash: hash(7) }, {}], false],
    ['of another tenant does not', [{ tenant: 'bluefields' }, {}], false],
    ['of another chain does not', [{ chain: 'eip155:1' }, {}], false],
    ['of another genesis does not', [{ genesis: hash(8) }, {}], false],
    ['that trusted a node does not', [{ finality: rpc }, {}], false],
    ['that trusted a node, before another node, does not', [{ finality: rpc }, { finality: rpc }], false],
  ])('%s', (_, [older, newer], expected) => {
    const chain = [rootedAnchor({ version: 1, ...older }), rootedAnchor({ version: 2, ...newer })];
    expect(versions(standingAnchors(chain))).toEqual(expected ? [1] : []);
  });
});

describe('of a chain of anchors', () => {
  const step = fc.constantFrom('other witnesses', 'other roots', 'checkpoint', 'registry', 'code');
  const changeBy = (kind: string, version: number): Partial<Anchor> => {
    if (kind === 'checkpoint') return { checkpoint: { height: version * 10, hash: hash(version), time: version } };
    if (kind === 'registry') return { registry: `0x${version.toString(16).padStart(40, '0')}` };
    if (kind === 'code') return { codeHash: hash(version) };
    return kind === 'other roots' ? { roots: rootsOf(1, [version % 3, 6]) } : { staleAfter: version };
  };
  const chainOf = (kinds: readonly string[]): readonly Anchor[] =>
    kinds.reduce<readonly Anchor[]>(
      (all, kind, index) => [
        ...all,
        { ...(all.at(-1) ?? rootedAnchor()), ...changeBy(kind, index + 2), version: index + 2 },
      ],
      [rootedAnchor({ version: 1 })],
    );

  test('those after the last step that disowns stand, the newest first, and never the one in use', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (kinds) => {
        const last = kinds.findLastIndex((kind) => ['checkpoint', 'registry', 'code'].includes(kind));
        const standing = versions(standingAnchors(chainOf(kinds)));
        // The step at `index` leads to version `index + 2`.
        const expected = kinds.flatMap((_, index) => (index > last ? [index + 1] : [])).toReversed();
        expect(standing).toEqual(expected);
      }),
    );
  });

  test('none comes back by a further step, whatever it changes', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (kinds) => {
        const chain = chainOf(kinds);
        const before = chain.slice(0, -1);
        const could = new Set([...versions(standingAnchors(before)), before.at(-1)?.version]);
        expect(versions(standingAnchors(chain)).every((version) => could.has(version))).toBe(true);
      }),
    );
  });

  test('a registry that returns brings nobody back', () => {
    const [first, second] = [
      rootedAnchor({ version: 1 }),
      rootedAnchor({ version: 2, registry: `0x${'43'.repeat(20)}` }),
    ];
    expect(standingAnchors([first, second, { ...first, version: 3 }])).toEqual([]);
  });
});
