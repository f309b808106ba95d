import { accountsOf, four, qbftBundle, witnessBundle, witnesses } from '../../support/test-bundles.ts';
import { validatorContract } from '../../support/test-named.ts';
import type { Draft, Family } from '../make/draft.ts';

const accounts = accountsOf(four);
const [first, second, third] = witnesses.map(({ name, publicKey }) => ({ name, publicKey }));
const good = qbftBundle(four);

const bad = (name: string, attack: string, patch: Record<string, unknown>): Draft => ({
  name,
  attack,
  expect: 'CONFIG',
  patch,
  bundle: good,
});
const listing = (name: string, attack: string, validators: readonly string[]) =>
  bad(name, attack, { finality: { validators } });
const naming = (name: string, attack: string, list: readonly unknown[]): Draft => ({
  name,
  attack,
  expect: 'CONFIG',
  anchor: 'witnesses',
  patch: { finality: { witnesses: list } },
  bundle: witnessBundle(),
});

const namedBy = (name: string, attack: string, contract: Record<string, unknown>) =>
  bad(name, attack, { finality: { contract: { ...validatorContract, ...contract } } });

/** Anchors that no device should take. */
export const anchorsFamily: Family = {
  family: 'anchors',
  about: 'Anchor files that count one signer twice or name none, above bundles that are good.',
  source: 'TUF: threshold of keys, each counted once',
  drafts: [
    {
      name: 'four',
      attack: 'None: the anchor that others are made of.',
      expect: 'ok',
      proves: { height: '500' },
      bundle: good,
    },
    {
      name: 'three-witnesses',
      attack: 'None: the anchor that others are made of.',
      expect: 'ok',
      anchor: 'witnesses',
      proves: { height: '500' },
      bundle: witnessBundle(),
    },
    {
      name: 'with-roots',
      attack: 'None: an anchor that names who may replace it.',
      expect: 'ok',
      patch: { roots: { threshold: 2, accounts: accounts.slice(0, 3) } },
      bundle: good,
    },
    {
      name: 'with-unanimous-roots',
      attack: 'None: an anchor that only all root keys together may replace.',
      expect: 'ok',
      patch: { roots: { threshold: 3, accounts: accounts.slice(0, 3) } },
      bundle: good,
    },
    listing('no-validators', 'An anchor of no validators: the quorum of none is none.', []),
    listing('a-validator-twice', 'One validator listed twice, so that its seal counts for two.', [
      ...accounts.slice(0, 3),
      ...accounts.slice(2, 3),
    ]),
    listing(
      'validators-descending',
      'The validators in another order, in which headers would not match.',
      [...accounts].reverse(),
    ),
    listing('a-validator-in-capitals', 'One account in two forms of letters.', [
      accounts[0]?.replace(/[a-f]/g, (letter) => letter.toUpperCase()) ?? '',
      ...accounts.slice(1),
    ]),
    listing('a-validator-of-19-bytes', 'An account of 19 bytes.', [
      accounts[0]?.slice(0, -2) ?? '',
      ...accounts.slice(1),
    ]),
    listing(
      '129-validators',
      'More validators than anybody runs.',
      Array.from({ length: 129 }, (_, index) => `0x${index.toString(16).padStart(40, '0')}`),
    ),
    naming('no-witnesses', 'An anchor of no witnesses.', []),
    naming('one-key-under-two-names', 'One witness’s key under two names, so that it counts for two.', [
      first,
      { ...first, name: 'other' },
      third,
    ]),
    naming('two-keys-under-one-name', 'Two keys under one name.', [first, { ...second, name: first?.name }, third]),
    naming('a-witness-with-a-space-in-its-name', 'A name that can’t be told from the line it stands in.', [
      { ...first, name: 'a b' },
      second,
      third,
    ]),
    bad('another-finality', 'A kind of finality that this release does not know: it must not be taken for none.', {
      finality: { kind: 'clique' },
    }),
    bad('a-field-more', 'A field that this release does not know.', { trusted: true }),
    bad('a-field-more-in-the-finality', 'A node beside the validators.', {
      finality: { url: 'http://127.0.0.1:8545/' },
    }),
    bad('another-version-of-anchors', 'An anchor of a version that this release does not know.', {
      apiVersion: 'dewproof/v2',
    }),
    bad('another-kind-of-file', 'Another kind of file in the anchor’s place.', { kind: 'VirtualResource' }),
    bad('epochs-of-no-length', 'Epochs of no length: votes would never lapse.', { finality: { epochLength: 0 } }),
    namedBy('a-contract-in-capitals', 'A validators’ contract in another form of letters.', {
      address: `0x${'7A'.repeat(20)}`,
    }),
    namedBy('a-contract-of-no-code', 'A validators’ contract whose code is left open: any would do.', {
      codeHash: null,
    }),
    namedBy('a-contract-of-a-short-code-hash', 'A code hash of 31 bytes.', { codeHash: `0x${'cd'.repeat(31)}` }),
    namedBy('a-contract-of-no-slot', 'A validators’ contract without the place of its list.', { slot: null }),
    namedBy('a-slot-that-is-a-number', 'A slot in another form than a word of 32 bytes.', { slot: 1 }),
    namedBy('a-slot-of-31-bytes', 'A slot of 31 bytes.', { slot: `0x${'00'.repeat(30)}01` }),
    namedBy('a-contract-with-a-field-more', 'A field that this release does not know, such as a proxy’s.', {
      proxy: true,
    }),
    bad('a-tenant-with-a-path-in-its-name', 'A tenant’s name that leads out of its folder.', { tenant: '../other' }),
    bad('a-threshold-of-none', 'Root keys of which none must sign.', { roots: { threshold: 0, accounts } }),
    bad('a-threshold-that-nobody-reaches', 'More root keys must sign than there are.', {
      roots: { threshold: 5, accounts },
    }),
    bad('a-root-twice', 'One root key listed twice, so that it counts for two.', {
      roots: { threshold: 2, accounts: [accounts[0], accounts[0]] },
    }),
    bad('a-root-in-capitals', 'A root account in another form of letters.', {
      roots: { threshold: 1, accounts: [`0x${'AB'.repeat(20)}`] },
    }),
    bad('no-roots', 'Root keys of which there are none.', { roots: { threshold: 1, accounts: [] } }),
    bad('33-roots', 'More root keys than anybody keeps.', {
      roots: {
        threshold: 1,
        accounts: Array.from({ length: 33 }, (_, index) => `0x${index.toString(16).padStart(40, '0')}`),
      },
    }),
    bad('version-0', 'A version before the first.', { version: 0 }),
    bad('a-beginning-before-the-first-block', 'A tenant that begins at block -1.', { beginsAt: -1 }),
    bad('validators-before-the-first-block', 'Validators as of block -1.', { finality: { height: -1 } }),
    bad('no-time-to-freeze', 'Facts that never freeze.', { maxStaleness: 0 }),
    bad('a-long-chain', 'A name of a chain of 129 letters.', { chain: 'x'.repeat(129) }),
    bad('a-long-registry', 'A name of a registry of 129 letters.', { registry: 'x'.repeat(129) }),
    bad('a-checkpoint-before-the-first-block', 'A checkpoint of block -1.', {
      checkpoint: { height: -1, hash: `0x${'11'.repeat(32)}`, time: 0 },
    }),
    bad('a-checkpoint-before-the-epoch', 'A checkpoint of time -1.', {
      checkpoint: { height: 0, hash: `0x${'11'.repeat(32)}`, time: -1 },
    }),
    naming('a-witness-with-a-key-of-31-bytes', 'A key of 31 bytes.', [
      { name: 'witness-0', publicKey: `0x${'11'.repeat(31)}` },
      second,
      third,
    ]),
    naming(
      '65-witnesses',
      'More witnesses than a note has room for.',
      Array.from({ length: 65 }, (_, index) => ({
        name: `w${index}`,
        publicKey: `0x${(index + 1).toString(16).padStart(64, '0')}`,
      })),
    ),
    bad('no-time-to-go-stale', 'Facts that never go stale.', { staleAfter: 0 }),
    bad('a-code-hash-of-31-bytes', 'A code hash of 31 bytes.', { codeHash: `0x${'cc'.repeat(31)}` }),
    bad('a-genesis-of-nothing', 'No genesis: any chain would do.', { genesis: null }),
  ],
};
