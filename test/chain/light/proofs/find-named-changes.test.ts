import { describe, expect, test } from 'vitest';
import type { SetChange } from '../../../../chain/light/bundle/proof-bundle.ts';
import { loadProofCrypto } from '../../../../chain/light/crypto/load-crypto.ts';
import { findNamedChanges } from '../../../../chain/light/make/find-named-changes.ts';
import type { NamedSet } from '../../../../chain/light/make/read-named-set.ts';
import { recordNodes } from '../../../../chain/light/make/record-nodes.ts';
import { parseHeader, type Header } from '../../../../chain/light/qbft/header.ts';
import { readNamed } from '../../../../chain/light/qbft/read-named.ts';
import { DewproofError } from '../../../../core/errors.ts';
import { accountsOf, bundleOf, baseHeader, HEIGHT, seven, verdictOf } from '../../../support/test-bundles.ts';
import {
  buildNamedState,
  elementsOf,
  heightOf,
  namedAnchor,
  headerOf,
  validatorContract as contract,
} from '../../../support/test-named.ts';
import { createValidators, sealAsQbft, type TestValidator } from '../../../support/test-validators.ts';

const crypto = await loadProofCrypto();
const four = seven.slice(0, 4);

/** Whom the contract names in the states from block `from` on. */
interface Plan {
  readonly from: bigint;
  readonly set: readonly TestValidator[];
}

interface Options {
  /** The node has thrown away the states before this block. */
  readonly keepsFrom?: bigint;
  /** The head, sealed by whom the contract names in the state before it. */
  readonly height?: bigint;
}

/** A chain on which exactly a quorum seals each block, the first of whom go round. */
function chainOf(plans: readonly Plan[], { keepsFrom = 0n, height: end = HEIGHT }: Options) {
  const setAt = (height: bigint) => plans.findLast(({ from }) => from <= height)?.set ?? [];
  const sealing = (height: bigint) => {
    const set = setAt(height - 1n);
    const turn = Number(height % BigInt(set.length));
    return { sealers: [...set.slice(turn), ...set.slice(0, turn)].slice(0, Math.ceil((2 * set.length) / 3)) };
  };
  const stateAt = (height: bigint) => buildNamedState({ elements: elementsOf(accountsOf(setAt(height))) });
  const asked: bigint[] = [];
  const headerAt = (height: bigint): Promise<Header> => {
    const sealed = sealing(height);
    const head = () => sealAsQbft(baseHeader, { validators: [], coinbase: accountsOf(four)[0] ?? '0x', ...sealed });
    const raw =
      height === end && end === HEIGHT ? head() : headerOf(height, { stateRoot: stateAt(height).root, ...sealed });
    return Promise.resolve(parseHeader(raw));
  };
  const namedIn = async ({ header }: { readonly header: Header }): Promise<NamedSet> => {
    const { height, stateRoot } = header;
    asked.push(height);
    await Promise.resolve();
    if (height < keepsFrom) throw new DewproofError('NOT_PROVED', 'The node has no such state.');
    const pile = recordNodes(stateAt(height).nodes, crypto);
    return { validators: readNamed(pile, { stateRoot, contract, crypto }), nodes: pile.recorded() };
  };
  return { headerAt, namedIn, asked };
}

async function find(plans: readonly Plan[], options: Options & { readonly known?: readonly SetChange[] } = {}) {
  const { headerAt, namedIn, asked } = chainOf(plans, options);
  const anchor = namedAnchor(plans[0]?.set ?? []);
  const head = await headerAt(options.height ?? HEIGHT);
  const search = { headerAt, namedIn, crypto, contract, finality: anchor.finality };
  const changes = await findNamedChanges(head, { ...search, known: options.known ?? [] });
  return { changes, heights: changes.map(heightOf), head, anchor, asked };
}

async function verdictAfter(plans: readonly Plan[], options: Parameters<typeof find>[1] = {}) {
  const { changes, heights, head, anchor } = await find(plans, options);
  const bundle = bundleOf({ header: head.raw, changes, note: undefined }, anchor);
  return { heights, verdict: verdictOf(bundle, { anchor, crypto }) };
}

const three = four.slice(1);
const toThree = [
  { from: 0n, set: four },
  { from: 300n, set: three },
];

describe('what proves whom a contract names', () => {
  test('is nothing where it names the same', async () => {
    expect(await verdictAfter([{ from: 0n, set: four }])).toEqual({ heights: [], verdict: 'ok' });
  });

  test.each([
    ['four to three', four, three],
    ['seven to six', seven, seven.slice(1)],
    ['four to five', four, seven.slice(0, 5)],
    ['four to four others', four, createValidators(4, { from: 20 })],
  ])('is the block that changed it, found in few steps: %s', async (_, from, to) => {
    const plans = [
      { from: 0n, set: from },
      { from: 300n, set: to },
    ];
    expect(await verdictAfter(plans)).toEqual({ heights: [300n], verdict: 'ok' });
    expect((await find(plans)).asked.length).toBeLessThan(15);
  });

  test('is one block a change, as far as the head needs them', async () => {
    const plans = [...toThree, { from: 301n, set: seven }, { from: HEIGHT - 1n, set: four.slice(0, 2) }];
    const { heights, verdict } = await verdictAfter(plans);
    expect(verdict).toBe('ok');
    expect(heights.at(-1)).toBe(HEIGHT - 1n);
  });

  test('does not tell of the head’s own state, which the next block is sealed by', async () => {
    expect(
      await verdictAfter([
        { from: 0n, set: four },
        { from: HEIGHT, set: seven },
      ]),
    ).toEqual({
      heights: [],
      verdict: 'ok',
    });
  });
});

describe('where the node has thrown away the state of the change', () => {
  test('is a later block that the old quorum sealed too', async () => {
    const plans = [
      { from: 0n, set: four },
      { from: 300n, set: seven.slice(0, 5) },
    ];
    expect(await verdictAfter(plans, { keepsFrom: 400n })).toEqual({ heights: [400n], verdict: 'ok' });
  });

  test('is looked for until some seals are the right ones', async () => {
    // Of seven, five seal: the old quorum of five is whole only where both that came in are away.
    const plans = [
      { from: 0n, set: seven.slice(0, 6) },
      { from: 300n, set: seven },
    ];
    const { heights, verdict } = await verdictAfter(plans, { keepsFrom: 400n });
    expect(verdict).toBe('ok');
    expect(heights[0]).toBeGreaterThanOrEqual(400n);
  });

  test('can’t be had where no later block has those seals, and that is said', async () => {
    await expect(find(toThree, { keepsFrom: 400n })).rejects.toMatchObject({ code: 'NOT_PROVED' });
  });

  test('is what was found before, also where other changes are known that lead nowhere', async () => {
    const { changes: known } = await find(toThree);
    const { changes: elsewhere } = await find([
      { from: 0n, set: seven },
      { from: 200n, set: three },
    ]);
    const options = { keepsFrom: 400n, known: [...elsewhere, ...known, ...known] };
    expect(await verdictAfter(toThree, options)).toEqual({ heights: [300n], verdict: 'ok' });
  });

  test('is looked for on from what was found before', async () => {
    const plans = [...toThree, { from: 450n, set: seven }];
    const { changes: known } = await find(toThree);
    expect(await verdictAfter(plans, { keepsFrom: 400n, known })).toEqual({ heights: [300n, 450n], verdict: 'ok' });
  });

  test('matters nothing where the trusted ones seal the head all the same', async () => {
    expect(await verdictAfter([{ from: 0n, set: four }], { keepsFrom: HEIGHT })).toEqual({
      heights: [],
      verdict: 'ok',
    });
    await expect(find(toThree, { keepsFrom: HEIGHT })).rejects.toMatchObject({ code: 'NOT_PROVED' });
  });
});

test('changes after a head are left out, as where a node was restored', async () => {
  const { changes: known } = await find(toThree);
  expect((await find(toThree, { height: 300n, known })).heights).toEqual([]);
  expect((await find(toThree, { height: 301n, known })).heights).toEqual([300n]);
});

test('a node that lies about a state is found out', async () => {
  const { headerAt, namedIn } = chainOf(toThree, {});
  const lying = async (asked: { readonly header: Header }) => {
    const { nodes } = await namedIn(asked);
    const pile = recordNodes(nodes.slice(0, -1), crypto);
    return { validators: readNamed(pile, { stateRoot: asked.header.stateRoot, contract, crypto }), nodes };
  };
  const { finality } = namedAnchor(four);
  const search = { headerAt, namedIn: lying, crypto, contract, finality, known: [] };
  await expect(findNamedChanges(await headerAt(HEIGHT), search)).rejects.toMatchObject({ code: 'PROOF_INVALID' });
});
