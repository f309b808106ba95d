import { secp256k1 } from '@noble/curves/secp256k1.js';
import type { LocalAccount } from '../../../chain/evm/local-account.ts';
import { anchorSchema } from '../../../core/state/anchor.ts';
import { messageOfAnchor } from '../../../core/state/anchor-message.ts';
import { rootedAnchor, rootKeys, rootsOf } from '../../support/test-anchors.ts';
import { four, qbftAnchor } from '../../support/test-bundles.ts';
import { validatorContract } from '../../support/test-named.ts';
import type { Draft, Family } from '../make/draft.ts';

type Offered = NonNullable<Draft['offered']>[number];
type Patch = Record<string, unknown>;

const keys = (...indices: readonly number[]) => rootKeys.filter((_, index) => indices.includes(index));
const old = rootedAnchor();
const strangers = keys(3, 4, 5);
const hash = (byte: string) => `0x${byte.repeat(32)}`;
const { validators } = qbftAnchor(four).finality;
const qbft = (height: number, by = '77') => ({
  kind: 'qbft',
  witnesses: null,
  validators,
  height,
  hash: hash(by),
  epochLength: 1000,
});
const node = (url: string) => ({ kind: 'rpc', witnesses: null, url, confirmations: 0 });
const block = (height: number, by = '11', time = 100) => ({ checkpoint: { height, hash: hash(by), time } });

/** RFC 7396 as the driver does it; the message is of the anchor as a device parses it. */
function patched(patch: Patch, target: unknown): unknown {
  const merged = new Map(Object.entries((target ?? {}) as Patch));
  for (const [key, value] of Object.entries(patch)) {
    const isPlain = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (value === null) merged.delete(key);
    else merged.set(key, isPlain ? patched({ ...value }, merged.get(key)) : value);
  }
  return Object.fromEntries(merged);
}

async function sign(message: Uint8Array, signers: readonly LocalAccount[]) {
  return Promise.all(signers.map(async (key) => ({ account: key.account, signature: await key.signMessage(message) })));
}

/** An anchor made of the old one, signed by `signers`; `over` is what they signed where that is another one. */
async function signed(
  patch: Patch,
  { signers = keys(0, 1), over = patch }: { signers?: readonly LocalAccount[]; over?: Patch } = {},
): Promise<Offered & { signatures: { account: string; signature: string }[] }> {
  const message = messageOfAnchor(anchorSchema.parse(patched(over, old)));
  return { anchor: { base: 'rooted', patch }, signatures: await sign(message, signers) };
}

const next: Patch = { version: 2, staleAfter: 3600 };
const good = await signed(next);
const [one, two] = [good.signatures[0], good.signatures[1]] as const;
if (!one || !two) throw new TypeError('two sign');

/** What a device with the old anchor, or one with `from` of it, makes of what is offered. */
const offer = (
  name: string,
  attack: string,
  expect: string,
  offered: Offered | Offered[],
  { takes, from, source }: { takes?: readonly number[]; from?: Patch; source?: string } = {},
): Draft => {
  const list = [offered].flat();
  return {
    name,
    attack,
    expect,
    anchor: 'rooted',
    ...(from && { patch: from }),
    offered: list,
    takes: takes ?? (expect === 'ok' ? [2] : []),
    ...(source !== undefined && { source }),
  };
};
const bySignatures = (signatures: readonly unknown[]): Offered => ({ ...good, signatures: [...signatures] });
const refuse = async (name: string, attack: string, expect: string, patch: Patch, from?: Patch): Promise<Draft> =>
  offer(name, attack, expect, await signed({ version: 2, ...patch }), from ? { from } : {});
const accept = async (name: string, attack: string, patch: Patch, from?: Patch): Promise<Draft> =>
  offer(name, attack, 'ok', await signed({ version: 2, ...patch }), {
    takes: [typeof patch['version'] === 'number' ? patch['version'] : 2],
    ...(from && { from }),
  });

const ORDER = secp256k1.Point.CURVE().n;
const HALF_ORDER = ORDER >> 1n;

function withS({ account, signature }: { account: string; signature: string }, s: bigint) {
  return { account, signature: `${signature.slice(0, 66)}${s.toString(16).padStart(64, '0')}${signature.slice(130)}` };
}

/** The other of the two forms of a signature. */
function highForm({ account, signature }: { account: string; signature: string }) {
  const s = ORDER - BigInt(`0x${signature.slice(66, 130)}`);
  const v = signature.endsWith('1b') ? '1c' : '1b';
  return { account, signature: `${signature.slice(0, 66)}${s.toString(16).padStart(64, '0')}${v}` };
}

/** Whoever signs these words as a text, in a wallet say, signs no anchor. */
async function overText(prefix: string): Promise<Offered> {
  const whole = messageOfAnchor(anchorSchema.parse(patched(next, old)));
  const content = whole.subarray(whole.indexOf(10) + 1);
  return bySignatures(await sign(Buffer.concat([Buffer.from(prefix), content]), keys(0, 1)));
}

const newRoots = (threshold: number, range: readonly [number, number]): Patch => ({
  version: 2,
  roots: rootsOf(threshold, range),
});
const third = await signed({ version: 3, staleAfter: 1800 });
const passedOver = (times: number): Offered => ({ anchor: { base: 'rooted' }, signatures: [], times });

const thresholds: readonly Draft[] = [
  offer('two-of-three', 'None: as many roots as must sign.', 'ok', good),
  offer('three-of-three', 'None: one more than must.', 'ok', await signed(next, { signers: keys(0, 1, 2) })),
  offer('any-two', 'None: the last two of three.', 'ok', await signed(next, { signers: keys(1, 2) })),
  offer('nobody', 'An anchor that nobody signed.', 'QUORUM', bySignatures([])),
  offer('one-of-three', 'One root’s key was stolen.', 'QUORUM', bySignatures([one])),
  offer(
    'one-and-a-stranger',
    'One root’s key and one of the attacker’s own.',
    'QUORUM',
    await signed(next, { signers: keys(0, 3) }),
  ),
  offer('strangers', 'Three keys of the attacker’s own.', 'QUORUM', await signed(next, { signers: strangers })),
  offer(
    'strangers-beside',
    'None: strangers’ signatures beside enough roots’ spoil nothing.',
    'ok',
    await signed(next, { signers: rootKeys }),
  ),
  offer(
    'a-wrong-one-beside',
    'None: a relay adds a wrong signature of the third root.',
    'ok',
    bySignatures([one, two, { ...two, account: rootKeys[2]?.account }]),
  ),
  offer('one-signature-twice', 'One root’s signature listed twice.', 'SCHEMA', bySignatures([one, one])),
  offer(
    'one-root-signs-twice',
    'One root’s signature under another root’s name too.',
    'QUORUM',
    bySignatures([one, { ...one, account: two.account }]),
  ),
  offer(
    'names-exchanged',
    'Two good signatures, each under the other’s name.',
    'QUORUM',
    bySignatures([
      { ...one, account: two.account },
      { ...two, account: one.account },
    ]),
  ),
  offer(
    'one-in-two-forms',
    'A root’s signature in its other form, which anybody can make, under another’s name.',
    'SCHEMA',
    bySignatures([one, { ...highForm(one), account: two.account }]),
  ),
  offer(
    'a-high-s',
    'Good signatures, one of them in the form that is none.',
    'SCHEMA',
    bySignatures([one, highForm(two)]),
    { source: 'malleable signatures' },
  ),
  offer(
    'a-v-of-29',
    'A signature that ends in another byte.',
    'SCHEMA',
    bySignatures([one, { ...two, signature: `${two.signature.slice(0, -2)}1d` }]),
  ),
  offer(
    'a-signature-in-capitals',
    'A signature in another form of letters.',
    'SCHEMA',
    bySignatures([one, { ...two, signature: `0x${two.signature.slice(2).toUpperCase()}` }]),
  ),
  offer(
    'a-signature-of-64-bytes',
    'A signature without its last byte.',
    'SCHEMA',
    bySignatures([one, { ...two, signature: two.signature.slice(0, -2) }]),
  ),
  offer(
    'an-account-in-capitals',
    'A root named in another form of letters.',
    'SCHEMA',
    bySignatures([one, { ...two, account: `0x${two.account.slice(2).toUpperCase()}` }]),
  ),
  offer(
    'a-signature-of-zeros',
    'A signature that is no point’s.',
    'QUORUM',
    bySignatures([one, { ...two, signature: `0x${'00'.repeat(64)}1b` }]),
  ),
  offer(
    'the-highest-low-s',
    'A signature with the highest s of the one form: nobody’s, as it turns out.',
    'QUORUM',
    bySignatures([one, withS(two, HALF_ORDER)]),
  ),
  offer(
    'the-lowest-high-s',
    'A signature with the lowest s of the other form.',
    'SCHEMA',
    bySignatures([one, withS(two, HALF_ORDER + 1n)]),
  ),
  offer(
    'another-anchors-signatures',
    'Good signatures of another anchor of the same version.',
    'QUORUM',
    await signed(next, { over: { version: 2, staleAfter: 60 } }),
  ),
  offer(
    'another-versions-signatures',
    'The signatures of version 2 under the content as version 3.',
    'QUORUM',
    await signed({ ...next, version: 3 }, { over: next }),
  ),
  offer('without-its-domain', 'The anchor signed without the line that says what it is.', 'QUORUM', await overText('')),
  offer('of-another-domain', 'The anchor signed as an order.', 'QUORUM', await overText('dewproof order v1\n')),
  offer(
    'of-another-version-of-the-domain',
    'The anchor signed in the form of another release.',
    'QUORUM',
    await overText('dewproof anchor v2\n'),
  ),
  offer(
    '65-signatures',
    'More signatures than roots can be, to cost the device time.',
    'SCHEMA',
    bySignatures(
      Array.from({ length: 65 }, (_, index) => ({
        account: `0x${index.toString(16).padStart(40, '0')}`,
        signature: one.signature,
      })),
    ),
  ),
  offer('a-field-beside', 'A field that no release knows.', 'SCHEMA', { ...good, patch: { trusted: true } }),
  offer('as-an-unsigned-file', 'An anchor’s file as it is put in place by hand.', 'SCHEMA', {
    ...good,
    patch: { kind: 'Anchor' },
  }),
  offer('of-another-format', 'A signed anchor of a format that this release does not know.', 'SCHEMA', {
    ...good,
    patch: { apiVersion: 'dewproof/v2' },
  }),
];

const roots: readonly Draft[] = [
  offer(
    'roots-handed-over',
    'None: old and new roots sign.',
    'ok',
    await signed(newRoots(2, [3, 6]), { signers: keys(0, 1, 3, 4) }),
  ),
  offer(
    'new-roots-unasked',
    'New roots that did not sign, who may have lost their keys.',
    'QUORUM',
    await signed(newRoots(2, [3, 6]), { signers: keys(0, 1, 2) }),
  ),
  offer(
    'new-roots-alone',
    'The attacker names itself root, and signs.',
    'QUORUM',
    await signed(newRoots(2, [3, 6]), { signers: strangers }),
    { source: 'TUF 5.3.4: the old threshold first' },
  ),
  offer(
    'new-roots-and-one-old',
    'The attacker names itself root, and has one old root’s key.',
    'QUORUM',
    await signed(newRoots(2, [3, 6]), { signers: keys(0, 3, 4, 5) }),
  ),
  offer(
    'one-new-root-of-two',
    'One of the new roots that must sign did.',
    'QUORUM',
    await signed(newRoots(2, [3, 6]), { signers: keys(0, 1, 3) }),
  ),
  offer(
    'a-lower-threshold',
    'None: the roots agree that one of them is enough.',
    'ok',
    await signed(newRoots(1, [0, 3])),
  ),
  offer(
    'a-lower-threshold-by-one',
    'One root lowers the threshold to itself.',
    'QUORUM',
    await signed(newRoots(1, [0, 3]), { signers: keys(0) }),
  ),
  offer(
    'a-higher-threshold-of-too-few',
    'A threshold that those who signed do not reach.',
    'QUORUM',
    await signed(newRoots(3, [0, 3])),
  ),
  offer(
    'an-overlap',
    'None: one root leaves and one comes.',
    'ok',
    await signed(newRoots(2, [1, 4]), { signers: keys(1, 2) }),
  ),
  offer(
    'the-leaving-roots-signature',
    'The one who leaves signs for the new set.',
    'QUORUM',
    await signed(newRoots(2, [1, 4]), { signers: keys(0, 1) }),
  ),
  offer(
    'no-roots-any-more',
    'An anchor that nobody could replace any more.',
    'PROOF_INVALID/anchor-roots',
    await signed({ version: 2, roots: null }, { signers: keys(0, 1, 2) }),
  ),
  offer(
    'no-roots-any-more-by-one',
    'One root takes the roots away.',
    'QUORUM',
    await signed({ version: 2, roots: null }, { signers: keys(0) }),
  ),
  offer(
    'of-an-anchor-without-roots',
    'An anchor for a device whose own names no roots.',
    'QUORUM',
    await signed({ ...next, roots: null }, { signers: rootKeys }),
    { from: { roots: null } },
  ),
  offer('roots-for-who-has-none', 'Roots name themselves to a device whose anchor names none.', 'QUORUM', good, {
    from: { roots: null },
  }),
];

const versions: readonly Draft[] = [
  offer(
    'the-same-version',
    'The anchor of the version in use again: nothing is new.',
    'ok',
    await signed({ version: 1, staleAfter: 60 }),
    { takes: [] },
  ),
  offer(
    'an-older-version',
    'An older anchor, whose witnesses have lost their keys.',
    'ok',
    await signed({ version: 1 }),
    { takes: [], from: { version: 2 } },
  ),
  offer('a-version-passed-over', 'None: version 3 without version 2, which the same roots signed.', 'ok', third, {
    takes: [3],
  }),
  offer('in-any-order', 'None: a server lists the newest first.', 'ok', [third, good], { takes: [2, 3] }),
  offer('one-version-twice', 'Another anchor of the same version after the first: it is no newer.', 'ok', [
    good,
    await signed({ version: 2, staleAfter: 60 }),
  ]),
  offer(
    'a-liar-after-a-good-one',
    'A good anchor, and an unsigned one after it.',
    'QUORUM',
    [good, { ...third, signatures: [] }],
    { takes: [2] },
  ),
  offer(
    'a-liar-before-a-good-one',
    'An unsigned anchor, and a good one after it: the source is not asked further.',
    'QUORUM',
    [{ ...good, signatures: [] }, third],
  ),
  offer(
    'roots-that-left-come-back',
    'Version 3, signed by roots that version 2 dropped.',
    'QUORUM',
    [await signed(newRoots(2, [3, 6]), { signers: keys(0, 1, 3, 4) }), third],
    { takes: [2] },
  ),
  offer(
    'through-new-roots',
    'None: version 3, signed by roots that version 2 brought.',
    'ok',
    [
      await signed(newRoots(2, [3, 6]), { signers: keys(0, 1, 3, 4) }),
      await signed({ ...newRoots(2, [3, 6]), version: 3 }, { signers: keys(3, 5) }),
    ],
    { takes: [2, 3] },
  ),
  offer(
    'past-its-own-roots',
    'Version 3 of new roots to a device that never saw version 2.',
    'QUORUM',
    await signed({ ...newRoots(2, [3, 6]), version: 3 }, { signers: keys(3, 5) }),
  ),
  offer('65-anchors', 'More anchors than a device looks at.', 'SCHEMA', [passedOver(64), good], {
    source: 'TUF: endless data',
  }),
  offer('64-anchors', 'None: as many anchors as a device looks at, of which one is new.', 'ok', [passedOver(63), good]),
  offer('no-anchors', 'None: a server that has none.', 'ok', [], { takes: [] }),
  offer('version-0', 'A version before the first.', 'SCHEMA', { ...good, patch: { anchor: { version: 0 } } }),
  offer('a-version-of-half', 'A version that is no whole number.', 'SCHEMA', {
    ...good,
    patch: { anchor: { version: 2.5 } },
  }),
  offer(
    'a-version-beyond-what-is-exact',
    'A version of 2^53: the next would be the same.',
    'SCHEMA',
    { ...good, patch: { anchor: { version: 2 ** 53 } } },
    { source: 'TUF: fast-forward' },
  ),
  await accept('a-thousand-versions-on', 'None: as far as versions may jump.', { version: 1_001 }),
  await refuse('a-thousand-and-one-versions-on', 'A version further than versions may jump.', 'FAST_FORWARD', {
    version: 1_002,
  }),
  await refuse('the-last-version', 'The largest version: nobody could replace it any more.', 'FAST_FORWARD', {
    version: 2 ** 53 - 1,
  }),
  offer(
    'the-last-version-unsigned',
    'The largest version, by one root.',
    'QUORUM',
    await signed({ version: 2 ** 53 - 1 }, { signers: keys(0) }),
  ),
];

const subjects: readonly Draft[] = [
  await refuse('another-tenant', 'Another tenant’s anchor, signed by the same people.', 'WRONG_CHAIN', {
    tenant: 'other',
  }),
  await refuse('another-chain', 'An anchor of another chain.', 'WRONG_CHAIN', { chain: 'eip155:1' }),
  await refuse('another-genesis', 'An anchor of another chain of the same number.', 'WRONG_CHAIN', {
    genesis: hash('98'),
  }),
  await accept('another-registry', 'None: the tenant’s registry moved.', {
    registry: `0x${'43'.repeat(20)}`,
    codeHash: hash('cd'),
  }),
  await refuse(
    'trust-in-a-node',
    'An anchor that trusts a node, where the old one trusts witnesses.',
    'PROOF_INVALID/anchor-finality',
    {
      finality: { kind: 'rpc', witnesses: null, url: 'http://127.0.0.1:8545/', confirmations: 0 },
    },
  ),
  offer('trust-in-nobody', 'An anchor of no witnesses.', 'SCHEMA', {
    ...good,
    patch: { anchor: { finality: { witnesses: [] } } },
  }),
  await accept('validators-for-witnesses', 'None: the chain became one of validators.', { finality: qbft(100) }),
  await accept(
    'validators-named-by-a-contract',
    'None: the roots name validators, and may say who names them from then on.',
    { finality: { ...qbft(100), contract: validatorContract } },
    { finality: qbft(100) },
  ),
  await accept(
    'validators-listed-by-headers-again',
    'None: headers list the validators again, whom a contract named.',
    { finality: { ...qbft(100), contract: null } },
    { finality: { ...qbft(100), contract: validatorContract } },
  ),
  await refuse(
    'a-contract-for-older-blocks',
    'A contract from a block before that from which validators are trusted.',
    'ROLLBACK',
    { finality: { ...qbft(99), contract: validatorContract } },
    { finality: qbft(100) },
  ),
  await accept(
    'trust-in-a-node-kept',
    'None: a device that trusts a node goes on with another one.',
    { finality: node('http://127.0.0.1:9545/') },
    { finality: node('http://127.0.0.1:8545/') },
  ),
  await accept('a-checkpoint-of-the-genesis', 'None: a first checkpoint, of the first block.', block(0, '11', 0)),
  await accept('a-checkpoint-set', 'None: a first checkpoint.', block(100)),
  await accept('a-checkpoint-raised', 'None: a later checkpoint.', block(200, '22', 200), block(100)),
  await accept('a-checkpoint-kept', 'None: the same checkpoint.', { staleAfter: 60, ...block(100) }, block(100)),
  await refuse('a-checkpoint-lowered', 'A checkpoint a block lower.', 'ROLLBACK', block(99), block(100)),
  await refuse(
    'a-checkpoint-dropped',
    'An anchor that lets all blocks count again.',
    'ROLLBACK',
    { checkpoint: null },
    block(100),
  ),
  await refuse(
    'a-checkpoint-of-an-earlier-time',
    'A higher checkpoint that is older.',
    'ROLLBACK',
    block(200, '22', 99),
    block(100),
  ),
  await refuse(
    'another-block-at-the-checkpoint',
    'Another block of the checkpoint’s height: another history.',
    'EQUIVOCATION',
    block(100, '22'),
    block(100),
  ),
  await refuse(
    'a-beginning-lowered',
    'Validators trusted from a block lower.',
    'ROLLBACK',
    { finality: qbft(99) },
    { finality: qbft(100) },
  ),
  await refuse(
    'another-block-at-the-beginning',
    'Validators trusted from another block of the same height.',
    'EQUIVOCATION',
    { finality: qbft(100, '78') },
    { finality: qbft(100) },
  ),
  await refuse(
    'a-beginning-dropped',
    'Witnesses in the place of validators, so that old blocks count again.',
    'ROLLBACK',
    {},
    { finality: qbft(100) },
  ),
  await accept(
    'a-beginning-behind-a-checkpoint',
    'None: validators from a lower block, under a checkpoint of the old height.',
    { finality: qbft(50), ...block(100, '77') },
    { finality: qbft(100) },
  ),
  await refuse(
    'two-blocks-of-one-height',
    'A checkpoint that contradicts the block from which validators are trusted.',
    'EQUIVOCATION',
    { finality: qbft(100), ...block(100, '22') },
    { finality: qbft(100) },
  ),
  offer(
    'weaker-and-unsigned',
    'What is weaker is not even looked at before enough roots signed.',
    'QUORUM',
    await signed({ version: 2, roots: null }, { signers: [] }),
  ),
  offer(
    'another-chain-unsigned',
    'Another chain’s anchor, which nobody signed.',
    'WRONG_CHAIN',
    await signed({ version: 2, chain: 'eip155:1' }, { signers: [] }),
  ),
];

/** Anchors that servers offer to a device that has one. */
export const rotationFamily: Family = {
  family: 'rotation',
  about:
    'Signed anchors that are offered to a device with two of three roots: who signed what, and what roots may not do from afar.',
  source: 'TUF 1.0.34, section 5.3: update the root role',
  drafts: [...thresholds, ...roots, ...versions, ...subjects],
};
