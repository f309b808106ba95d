import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { createKeystore } from '../../chain/evm/keystore.ts';
import { anchorSchema, type Anchor } from '../../core/state/anchor.ts';
import { signedAnchorSchema, type SignedAnchor } from '../../core/state/signed-anchor.ts';
import { decodeRlp, encodeRlp, rlpBytes, rlpList } from '../../chain/light/rlp.ts';
import { standingAnchors } from '../../core/state/standing-anchors.ts';
import { readAnchor } from '../../cli/home/read-anchor.ts';
import { importBundle } from '../../edge/import-bundle.ts';
import { startControlServer } from '../../platform/control/control-server.ts';
import { createLog } from '../../platform/log.ts';
import { openSite } from '../dew/support/site.ts';
import { serveHeaders } from '../support/qbft-node.ts';
import { rootedAnchor, rootKeys, signAnchor } from '../support/test-anchors.ts';
import { accountsOf, four, qbftAnchor, seven, tamper, witnessAnchor, witnessBundle } from '../support/test-bundles.ts';
import {
  createValidators,
  hashOf,
  plainHeader,
  replaceItem,
  sealAsQbft,
  type TestValidator,
} from '../support/test-validators.ts';
import { makeHome } from './home-fixture.ts';
import type { Run } from './run-dewproof.ts';
import { runHere } from './run-here.ts';
import { temporaryFolder } from './temporary-folder.ts';

const KEY = `0x${'6b'.repeat(32)}`;
const OTHER_KEY = `0x${'6c'.repeat(32)}`;
const keys = await Promise.all([0, 1, 2, 3].map(() => createKeystore({ password: 'right' })));
const [one, two, three, outsider] = keys.map(({ account }) => account);
const roots = [one, two, three].join(',');

/** A home of one of the people; their anchor is at `anchor`. */
function homeOf(person: number, anchor?: object): string {
  const text = anchor === undefined ? undefined : JSON.stringify(anchor);
  return makeHome({ keystore: keys[person]?.json, anchor: text });
}

const signedIn = (file: string): SignedAnchor => signedAnchorSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
const record = ({ stdout }: Run) => JSON.parse(stdout) as Record<string, unknown>;
const dewproof = (...words: readonly string[]) => runHere([...words, '-o', 'json']);

/** `anchor create` of a home whose own anchor trusts a node. */
async function create(...words: readonly string[]): Promise<{ file: string; run: Run }> {
  const file = join(temporaryFolder(), 'anchor.json');
  const run = await dewproof('anchor', 'create', file, '--home', makeHome(), ...words);
  return { file, run };
}

/** A file with an anchor that two of three people replace together. */
function rootedFile(change: Partial<Anchor> = {}): string {
  const file = join(temporaryFolder(), 'anchor.json');
  const people = { threshold: 2, accounts: [one, two, three].filter((account) => account !== undefined) };
  writeFileSync(file, JSON.stringify(rootedAnchor({ roots: people, ...change })));
  return file;
}

const anchorIn = (file: string) => anchorSchema.parse(JSON.parse(readFileSync(file, 'utf8')));

describe('dewproof anchor create', () => {
  test('makes an anchor of witnesses with roots out of one that trusts a node', async () => {
    const { file, run } = await create(
      ...['--witness', `north=${KEY}`, '--witness', `south=${OTHER_KEY}`],
      ...['--root', roots, '--threshold', '2', '--stale-after', '1h', '--max-staleness', '7d'],
    );
    expect(run).toMatchObject({ exitCode: 0 });
    expect(record(run)).toMatchObject({
      trusts: 'any 2 of 2 witnesses',
      replacedBy: 'any 2 of 3 roots',
      staleAfter: '1h',
      maxStaleness: '7d',
      missing: 2,
    });
    const { anchor, signatures } = signedIn(file);
    expect(signatures).toEqual([]);
    expect(anchor).toMatchObject({ version: 1, tenant: 'greenfields', staleAfter: 3600, maxStaleness: 604_800 });
    expect(anchor.finality).toMatchObject({ kind: 'witnesses', witnesses: [{ name: 'north', publicKey: KEY }, {}] });
    expect(await readAnchor(file)).toEqual(anchor);
  });

  test('says where nobody can replace it from afar', async () => {
    const { run } = await create('--witness', `north=${KEY}`);
    expect(record(run)).toMatchObject({ replacedBy: 'nobody from afar: it names no roots' });
    expect(run.stderr).toContain('by hand only');
  });

  test('never writes over a file that is not to be replaced', async () => {
    const file = rootedFile();
    const before = readFileSync(file, 'utf8');
    const words = ['anchor', 'create', file, '--home', makeHome(), '--witness', `north=${OTHER_KEY}`];
    const again = await dewproof(...words);
    expect(again).toMatchObject({ code: 'CONFLICT' });
    expect(again.stderr).toContain('--force');
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(await dewproof(...words, '--force')).toMatchObject({ exitCode: 0 });
  });

  test.each<[string, readonly string[], string]>([
    ['witnesses and validators', ['--witness', `north=${KEY}`, '--validators'], 'USAGE'],
    ['a witness without a key', ['--witness', 'north'], 'USAGE'],
    ['one key under two names', ['--witness', `north=${KEY},south=${KEY}`], 'USAGE'],
    ['a name that no note can carry', ['--witness', `NORTH=${KEY}`], 'USAGE'],
    ['roots and no threshold', ['--root', roots], 'USAGE'],
    ['a threshold and no roots', ['--threshold', '2'], 'USAGE'],
    ['more to sign than there are', ['--root', roots, '--threshold', '4'], 'USAGE'],
    ['one root twice', ['--root', `${one},${one}`, '--threshold', '1'], 'USAGE'],
    ['freshness that ends before it is stale', ['--stale-after', '40d'], 'USAGE'],
    ['a registry without its code', ['--registry', one ?? ''], 'USAGE'],
    ['a beginning without validators', ['--begin', '5'], 'USAGE'],
    ['half a second', ['--stale-after', '500ms'], 'USAGE'],
    ['a node that is not there', ['--checkpoint', '5', '--url', 'http://127.0.0.1:9'], 'LEDGER_UNAVAILABLE'],
  ])('refuses %s', async (_, words, code) => {
    expect((await create(...words)).run).toMatchObject({ code, stdout: '' });
  });
});

describe('with validators', async () => {
  const sealed = (height: bigint, set = four) =>
    sealAsQbft(plainHeader({ height }), { validators: accountsOf(set), sealers: set });
  const node = await serveHeaders([sealed(499n), sealed(500n), sealed(501n), sealed(502n, seven), sealed(503n, seven)]);
  afterAll(() => node.close());
  const { genesis, codeHash } = node;
  const trusting = anchorSchema.parse({
    ...witnessAnchor(),
    ...{ genesis, codeHash, finality: { kind: 'rpc', url: node.url, confirmations: 0 } },
  });

  const createOf = async (from: Anchor, ...words: readonly string[]) => {
    const file = join(temporaryFolder(), 'anchor.json');
    const home = makeHome({ anchor: JSON.stringify(from) });
    return { file, run: await dewproof('anchor', 'create', file, '--home', home, ...words) };
  };

  test('names the newest block that has another on it, and those it lists', async () => {
    const { file, run } = await createOf(trusting, '--validators', '--root', roots, '--threshold', '2');
    expect(run).toMatchObject({ exitCode: 0 });
    const { finality, checkpoint } = signedIn(file).anchor;
    expect(finality).toMatchObject({ kind: 'qbft', height: 502, validators: accountsOf(seven), epochLength: 30_000 });
    expect(checkpoint).toMatchObject({ height: 502, time: 1_700_000_502 });
    expect(checkpoint?.hash).toBe(finality.kind === 'qbft' && finality.hash);
    expect(record(run)).toMatchObject({ trusts: 'any 5 of 7 validators, from block 502' });
  });

  test('takes the block that is named, and those that are expected', async () => {
    const words = ['--checkpoint', '500', '--epoch-length', '100', '--validators'];
    const { file } = await createOf(trusting, ...words, accountsOf(four).toReversed().join(','));
    expect(signedIn(file).anchor.finality).toMatchObject({
      height: 500,
      validators: accountsOf(four),
      epochLength: 100,
    });
    expect((await createOf(trusting, ...words, accountsOf(seven).join(','))).run).toMatchObject({ code: 'USAGE' });
  });

  test('begins at no block after which the set changes at once, and at none that is not there', async () => {
    expect((await createOf(trusting, '--validators', '--checkpoint', '501')).run).toMatchObject({ code: 'CONFLICT' });
    expect((await createOf(trusting, '--validators', '--checkpoint', '900')).run).toMatchObject({
      code: 'LEDGER_BEHIND',
    });
  });

  test('believes no node of another chain or registry', async () => {
    for (const other of [
      { chain: 'eip155:1' },
      { genesis: `0x${'98'.repeat(32)}` },
      { codeHash: `0x${'98'.repeat(32)}` },
    ]) {
      const from = anchorSchema.parse({ ...trusting, ...other });
      expect((await createOf(from, '--validators')).run).toMatchObject({ code: 'WRONG_CHAIN' });
    }
  });

  test('rotate moves where following begins with the checkpoint, and never back', async () => {
    const { file } = await createOf(
      trusting,
      '--validators',
      '--checkpoint',
      '500',
      '--root',
      roots,
      '--threshold',
      '2',
    );
    const next = join(temporaryFolder(), 'next.json');
    const rotate = (...words: readonly string[]) =>
      dewproof('anchor', 'rotate', file, next, '--force', '--url', node.url, ...words);
    expect(await rotate('--checkpoint', '502')).toMatchObject({ exitCode: 0 });
    expect(signedIn(next).anchor).toMatchObject({
      version: 2,
      finality: { height: 502, validators: accountsOf(seven) },
      checkpoint: { height: 502 },
    });
    expect(await rotate('--checkpoint', '499')).toMatchObject({ code: 'ROLLBACK', exitCode: 77 });
    expect(await rotate('--begin', '502')).toMatchObject({ exitCode: 0 });
    const [before, after] = [signedIn(file).anchor, signedIn(next).anchor];
    expect(after).toMatchObject({
      finality: { height: 502, validators: accountsOf(seven) },
      checkpoint: { height: 500 },
    });
    expect(standingAnchors([before, after])).toEqual([before]);
    expect(await rotate('--begin', '499')).toMatchObject({ code: 'ROLLBACK', exitCode: 77 });
    expect(await rotate('--begin', '502', '--checkpoint', '502')).toMatchObject({ code: 'USAGE' });
    // Whoever asked for no new checkpoint is not sent to one alone: that would disown.
    const unsettled = await rotate('--begin', '501');
    expect(unsettled).toMatchObject({ code: 'CONFLICT' });
    expect(unsettled.stderr).toContain('or --begin');
    // The checkpoint that stayed lies below where the anchor in use begins: to keep it is no remedy.
    await rotate('--begin', '502');
    const toWitnesses = (...words: readonly string[]) =>
      dewproof('anchor', 'rotate', next, join(temporaryFolder(), 'last.json'), '--witness', `north=${KEY}`, ...words);
    const lower = await toWitnesses();
    expect(lower).toMatchObject({ code: 'ROLLBACK' });
    expect(lower.stderr).toContain('name a checkpoint of that height or later');
    expect(await toWitnesses('--checkpoint', '502', '--url', node.url)).toMatchObject({ exitCode: 0 });
    // To witnesses: the checkpoint stays, so that no older block counts then either.
    expect(await rotate('--witness', `north=${KEY}`)).toMatchObject({ exitCode: 0 });
    expect(signedIn(next).anchor).toMatchObject({ finality: { kind: 'witnesses' }, checkpoint: { height: 500 } });
  });
});

describe('a node that makes a set of validators up', async () => {
  const newcomers = createValidators(4, { from: 20 });
  const sealed = (height: bigint, set: readonly TestValidator[]) =>
    sealAsQbft(plainHeader({ height }), { validators: accountsOf(set), sealers: set });
  const node = await serveHeaders([
    sealed(499n, four),
    sealed(500n, four),
    sealed(501n, newcomers),
    sealed(502n, newcomers),
  ]);
  afterAll(() => node.close());
  const { genesis, codeHash } = node;

  /** The file of an anchor that trusts four validators from block 499 on, after a rotation. */
  async function rotate(...words: readonly string[]): Promise<{ next: string; run: Run }> {
    const finality = { ...qbftAnchor(four).finality, height: 499, hash: hashOf(sealed(499n, four)) };
    const file = rootedFile({ genesis, codeHash, finality });
    const next = join(temporaryFolder(), 'next.json');
    return { next, run: await dewproof('anchor', 'rotate', file, next, '--url', node.url, ...words) };
  }

  test('is not believed where the validators in use do not lead there', async () => {
    for (const words of [[], ['--validators']]) {
      const { run } = await rotate('--checkpoint', '502', ...words);
      expect(run).toMatchObject({ code: 'NOT_PROVED', stdout: '' });
      expect(run.stderr).toContain('--validators 0x');
    }
    expect((await rotate('--checkpoint', '499')).run).toMatchObject({ exitCode: 0 });
  });

  test('is taken where the operator names the whole set, and answers for it', async () => {
    const { next, run } = await rotate('--checkpoint', '502', '--validators', accountsOf(newcomers).join(','));
    expect(run).toMatchObject({ exitCode: 0 });
    expect(signedIn(next).anchor.finality).toMatchObject({ height: 502, validators: accountsOf(newcomers) });
    const { run: other } = await rotate('--checkpoint', '502', '--validators', accountsOf(four).join(','));
    expect(other).toMatchObject({ code: 'USAGE' });
  });

  test('names no contract where headers list the validators, and half of one nowhere', async () => {
    const contract = ['--validator-contract', `0x${'77'.repeat(20)}`];
    expect((await rotate('--checkpoint', '499', ...contract, '--validator-slot', '0')).run).toMatchObject({
      code: 'USAGE',
    });
    expect((await rotate(...contract)).run).toMatchObject({ code: 'USAGE' });
    expect((await rotate('--validator-slot', '0')).run).toMatchObject({ code: 'USAGE' });
    expect((await rotate(...contract, '--validator-slot', '0x')).run).toMatchObject({ code: 'USAGE' });
    expect((await rotate(...contract, '--validator-slot', '0', '--witness', `north=${KEY}`)).run).toMatchObject({
      code: 'USAGE',
    });
  });
});

describe('a genesis file that lists the validators in another order', async () => {
  const sealed = (height: bigint) =>
    sealAsQbft(plainHeader({ height }), { validators: accountsOf(four), sealers: four });
  const node = await serveHeaders([
    reversed(sealAsQbft(plainHeader({ height: 0n }), { validators: accountsOf(four), sealers: [] })),
    sealed(1n),
    sealed(2n),
  ]);
  afterAll(() => node.close());

  /** The header with its list of validators turned round. */
  function reversed(raw: Uint8Array): Uint8Array {
    const items = rlpList(decodeRlp(raw));
    const extra = rlpList(decodeRlp(rlpBytes(items[12])));
    const turned = replaceItem(extra, { path: [1], by: rlpList(extra[1]).toReversed() });
    return encodeRlp(replaceItem(items, { path: [12], by: encodeRlp(turned) }));
  }

  test('gives an anchor by any later block, in ascending order, and none by its own', async () => {
    const { genesis, codeHash, url } = node;
    const finality = { kind: 'rpc', url, confirmations: 0 };
    const home = makeHome({ anchor: JSON.stringify({ ...witnessAnchor(), genesis, codeHash, finality }) });
    const file = join(temporaryFolder(), 'anchor.json');
    const create = (...words: readonly string[]) => dewproof('anchor', 'create', file, '--home', home, ...words);
    const named = accountsOf(four).toReversed().join(',');
    const refused = await create('--validators', named, '--checkpoint', '0');
    expect(refused).toMatchObject({ code: 'CONFLICT' });
    expect(refused.stderr).toContain('any order; name a later height');
    expect(await create('--validators', named, '--checkpoint', '1')).toMatchObject({ exitCode: 0 });
    expect(signedIn(file).anchor.finality).toMatchObject({ validators: accountsOf(four), height: 1 });
    // With witnesses it is a block as any other.
    expect(await create('--witness', `north=${KEY}`, '--checkpoint', '0', '--force')).toMatchObject({ exitCode: 0 });
  });
});

describe('a block that few of its validators sealed', async () => {
  const sealed = (height: bigint, sealers: readonly TestValidator[]) =>
    sealAsQbft(plainHeader({ height }), { validators: accountsOf(four), sealers });
  const node = await serveHeaders([sealed(500n, four.slice(0, 2)), sealed(501n, four)]);
  afterAll(() => node.close());

  test('is none for an anchor to begin at', async () => {
    const { genesis, codeHash, url } = node;
    const from = anchorSchema.parse({
      ...witnessAnchor(),
      ...{ genesis, codeHash, finality: { kind: 'rpc', url, confirmations: 0 } },
    });
    const home = makeHome({ anchor: JSON.stringify(from) });
    const file = join(temporaryFolder(), 'anchor.json');
    const run = await dewproof('anchor', 'create', file, '--home', home, '--validators', '--checkpoint', '500');
    expect(run).toMatchObject({ code: 'CONFLICT' });
  });
});

describe('dewproof anchor sign', () => {
  test('adds the roots one after the other, and changes nothing a second time', async () => {
    const file = rootedFile();
    const sign = (person: number) => dewproof('anchor', 'sign', file, '--home', homeOf(person));
    expect(record(await sign(0))).toMatchObject({ change: 'signed', missing: 1 });
    expect(record(await sign(1))).toMatchObject({ change: 'signed', missing: 0 });
    const before = [readFileSync(file, 'utf8'), statSync(file).ino];
    expect(record(await sign(0))).toMatchObject({ change: 'unchanged' });
    expect([readFileSync(file, 'utf8'), statSync(file).ino]).toEqual(before);
    expect(signedIn(file).signatures.map(({ account }) => account)).toEqual([one, two].toSorted());
  });

  test('signs a file that nobody signed, and drops what does not verify', async () => {
    const file = rootedFile();
    const anchor = anchorIn(file);
    await dewproof('anchor', 'sign', file, '--home', homeOf(0));
    const signed = signedIn(file);
    writeFileSync(file, JSON.stringify({ ...signed, anchor: { ...anchor, staleAfter: 1 } }));
    const run = await dewproof('anchor', 'sign', file, '--home', homeOf(1));
    expect(record(run)).toMatchObject({ missing: 1 });
    expect(signedIn(file).signatures.map(({ account }) => account)).toEqual([two]);
  });

  test('is for roots, those of the anchor before it too', async () => {
    const file = rootedFile();
    const roots = { threshold: 1, accounts: [outsider].filter((account) => account !== undefined) };
    const next = rootedFile({ version: 2, roots });
    const before = readFileSync(next, 'utf8');
    const sign = (person: number, ...words: readonly string[]) =>
      dewproof('anchor', 'sign', next, '--home', homeOf(person), ...words);
    expect(await sign(0)).toMatchObject({ code: 'FORBIDDEN', exitCode: 77 });
    expect(readFileSync(next, 'utf8')).toBe(before);
    expect(record(await sign(0, '--current', file))).toMatchObject({ missing: 1, otherSigners: [one] });
    const inHome = await dewproof('anchor', 'sign', next, '--home', homeOf(1, anchorIn(file)));
    expect(record(inHome)).toMatchObject({ missing: 1 });
    expect(await sign(3)).toMatchObject({ exitCode: 0 });
    expect(await dewproof('anchor', 'inspect', next, '--current', file)).toMatchObject({ exitCode: 0 });
  });
});

describe('dewproof anchor rotate and inspect', () => {
  test('lead from one version to the next, and say what a device makes of it', async () => {
    const file = rootedFile();
    const next = join(temporaryFolder(), 'next.json');
    const rotated = await dewproof(
      ...['anchor', 'rotate', file, next, '--home', homeOf(0), '--sign', '--stale-after', '12h'],
    );
    expect(record(rotated)).toMatchObject({
      version: 2,
      staleAfter: '12h',
      missing: 1,
      trusts: 'any 2 of 3 witnesses',
    });
    const inspect = () => dewproof('anchor', 'inspect', next, '--current', file);
    const early = await inspect();
    expect(early).toMatchObject({ exitCode: 77 });
    expect(record(early)).toMatchObject({ device: { takes: false, code: 'QUORUM' } });
    await dewproof('anchor', 'sign', next, '--home', homeOf(2));
    const late = await inspect();
    expect(late).toMatchObject({ exitCode: 0 });
    expect(record(late)).toMatchObject({ missing: 0, device: { takes: true } });
    const back = await dewproof('anchor', 'inspect', file, '--current', next);
    expect(record(back)).toMatchObject({ device: { takes: false, code: 'ROLLBACK' } });
    expect(back).toMatchObject({ exitCode: 77 });
  });

  test('tell people in plain words', async () => {
    const { stdout } = await runHere(['anchor', 'inspect', rootedFile()]);
    expect(stdout).toContain('any 2 of 3 witnesses');
    expect(stdout).toContain('any 2 of 3 roots');
  });

  test('an anchor without roots has no next one', async () => {
    const { file } = await create('--witness', `north=${KEY}`);
    const run = await dewproof('anchor', 'rotate', file, `${file}.next`, '--stale-after', '12h');
    expect(run).toMatchObject({ code: 'USAGE' });
  });
});

describe('import', () => {
  const write = (value: unknown) => {
    const file = join(temporaryFolder(), 'import');
    writeFileSync(file, value instanceof Uint8Array ? value : JSON.stringify(value));
    return file;
  };
  const signers = rootKeys.slice(0, 2);

  test('of an anchor reaches the dew here', async () => {
    const { folder } = await openSite({ anchor: rootedAnchor() });
    const next = await signAnchor(rootedAnchor({ version: 2 }), signers);
    const run = await dewproof('anchor', 'import', write(next), '--data', folder);
    expect(record(run)).toMatchObject({ version: 2, change: 'taken', taken: [2] });
    const again = await dewproof('anchor', 'import', write(next), '--data', folder);
    expect(record(again)).toMatchObject({ version: 2, change: 'unchanged', taken: [] });
    expect(again.stderr).toContain('goes by version 2 already');
    const shown = await runHere(['anchor', 'import', write(next), '--data', folder]);
    expect(shown.stdout).toMatch(/^change: +unchanged$/m);
    expect(shown.stdout).not.toContain('taken');
    const forged = await signAnchor(rootedAnchor({ version: 3 }), rootKeys.slice(3));
    expect(await dewproof('anchor', 'import', write(forged), '--data', folder)).toMatchObject({
      code: 'QUORUM',
      exitCode: 77,
    });
  });

  test('of an anchor says what would become of it where nothing runs', async () => {
    const home = makeHome({ anchor: JSON.stringify(rootedAnchor()) });
    const next = await signAnchor(rootedAnchor({ version: 2 }), signers);
    const run = await dewproof('anchor', 'import', write({ anchors: [next] }), '--home', home);
    expect(run).toMatchObject({ code: 'DAEMON_UNAVAILABLE', exitCode: 69 });
    expect(run.stderr).toContain('from version 1 to 2');
    const forged = await signAnchor(rootedAnchor({ version: 2 }), signers.slice(0, 1));
    const refused = await dewproof('anchor', 'import', write(forged), '--home', home);
    expect(refused).toMatchObject({ code: 'QUORUM', exitCode: 77 });
    expect(await dewproof('anchor', 'import', write('x'), '--home', home)).toMatchObject({ code: 'SCHEMA' });
    const unsigned = await dewproof('anchor', 'import', write(rootedAnchor()), '--home', home);
    expect(unsigned).toMatchObject({ code: 'SCHEMA' });
    expect(unsigned.stderr).toContain('Nobody signed');
    expect(await dewproof('anchor', 'import', join(home, 'none'), '--home', home)).toMatchObject({ code: 'USAGE' });
  });

  test('of an anchor replaces that of the home where it is to, and follows from it', async () => {
    const home = makeHome({ anchor: JSON.stringify(rootedAnchor()) });
    const kept = () => readAnchor(join(home, 'anchor.json'));
    const give = (value: unknown, ...words: readonly string[]) =>
      dewproof('anchor', 'import', write(value), '--home', home, '--replace', ...words);
    const next = await signAnchor(rootedAnchor({ version: 2 }), signers);
    const forged = await signAnchor(rootedAnchor({ version: 3 }), rootKeys.slice(2));
    expect(record(await give(next))).toMatchObject({ home: 2 });
    expect(await kept()).toEqual(next.anchor);
    expect(record(await give(next))).toMatchObject({ home: 2 });
    expect(await give(forged)).toMatchObject({ code: 'QUORUM', exitCode: 77 });
    const { folder } = await openSite({ anchor: rootedAnchor() });
    const third = await signAnchor(rootedAnchor({ version: 3 }), signers);
    expect(record(await give(third, '--data', folder))).toMatchObject({ version: 3, taken: [3], home: 3 });
    expect(await kept()).toEqual(third.anchor);
  });

  test('of a bundle reaches the edge here, whole', async () => {
    const folder = temporaryFolder();
    const taken: Buffer[] = [];
    const device: { untold?: typeof one | undefined } = {};
    const command = importBundle({
      take: (bundle) => Promise.resolve(void taken.push(Buffer.from(bundle))),
      head: () => ({ height: 500n, hash: `0x${'77'.repeat(32)}`, time: 1_700_000_500n }),
      untold: () => device.untold,
    });
    const log = createLog({ name: 'test', level: 'silent' }, { write: () => true });
    const control = await startControlServer({ folder, commands: { 'import-bundle': command }, log });
    onTestFinished(() => control.close());
    const large = new Uint8Array(4 * 1024 * 1024).fill(0x87);
    for (const bundle of [witnessBundle(), large]) {
      const run = await dewproof('bundle', 'import', write(bundle), '--data', folder);
      expect(run).toMatchObject({ exitCode: 0 });
      expect(record(run)).toMatchObject({ block: { height: '500', time: '2023-11-14T22:21:40Z' } });
      expect((record(run) as { block: { ageSeconds: number } }).block.ageSeconds).toBeGreaterThan(90_000_000);
      expect(taken.pop()?.equals(bundle)).toBe(true);
      expect(run.stderr).toBe('');
    }
    device.untold = one;
    const stranger = await dewproof('bundle', 'import', write(witnessBundle()), '--data', folder);
    expect(stranger).toMatchObject({ exitCode: 0, stderr: expect.stringContaining(`--device ${one}`) as string });
    await expect(command({ bundle: 'no base64!' })).rejects.toMatchObject({ code: 'SCHEMA' });
    await expect(command(undefined)).rejects.toMatchObject({ code: 'SCHEMA' });
  });

  test('of a bundle says whether it holds where no edge runs, and what to do where a dew does', async () => {
    const home = makeHome({ anchor: JSON.stringify(witnessAnchor()) });
    const run = await dewproof('bundle', 'import', write(witnessBundle()), '--home', home);
    expect(run).toMatchObject({ code: 'DAEMON_UNAVAILABLE', exitCode: 69 });
    expect(run.stderr).toContain('as of block 500');
    const altered = tamper(witnessBundle(), () => ({ note: undefined }));
    expect(await dewproof('bundle', 'import', write(altered), '--home', home)).toMatchObject({ code: 'PROOF_INVALID' });
    const { folder } = await openSite();
    const atDew = await dewproof('bundle', 'import', write(witnessBundle()), '--data', folder);
    expect(atDew).toMatchObject({ code: 'UNSUPPORTED' });
  });
});
