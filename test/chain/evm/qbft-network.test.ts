import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { bytes32Of, digestOfByte } from '../../../chain/conformance/command-arbitrary.ts';
import { openRpc } from '../../../chain/evm/json-rpc.ts';
import { decodeBundle } from '../../../chain/light/bundle/decode-bundle.ts';
import type { SetChange } from '../../../chain/light/bundle/proof-bundle.ts';
import { loadProofCrypto } from '../../../chain/light/crypto/load-crypto.ts';
import { chooseClaims } from '../../../chain/light/make/choose-claims.ts';
import type { Claims } from '../../../chain/light/make/build-bundle.ts';
import { makeBundle } from '../../../chain/light/make/make-bundle.ts';
import { createOpenState } from '../../../chain/light/open-state.ts';
import { parseQbftExtra } from '../../../chain/light/qbft/extra-data.ts';
import { parseHeader } from '../../../chain/light/qbft/header.ts';
import { readState } from '../../../cli/ledger/read-state.ts';
import { hasCode } from '../../../core/errors.ts';
import type { Anchor } from '../../../core/state/anchor.ts';
import { runDewproof } from '../../cli/run-dewproof.ts';
import { deployEvmTenant, type EvmTenant } from '../../support/evm-tenant.ts';
import { startAnvil, startHardhat, type DevNode } from '../../support/nodes.ts';
import { startQbftNetwork, type QbftNetwork } from '../../support/qbft-network.ts';
import { createValidators, type TestValidator } from '../../support/test-validators.ts';
import { deployValidatorSet, type DeployedSet } from '../../support/validator-set.ts';

const crypto = await loadProofCrypto();
const openState = createOpenState(crypto);
const seven = createValidators(7);
const four = seven.slice(0, 4);
const group = bytes32Of(0xb1);
const resource = bytes32Of(0xa1);
const absent = bytes32Of(0xa9);

const starters = [
  { name: 'anvil', start: () => startAnvil({ args: ['--accounts', '20'] }) },
  { name: 'hardhat', start: () => startHardhat() },
];

describe.each(starters)('a QBFT network of the blocks of $name', ({ start }) => {
  let node: DevNode;
  let tenant: EvmTenant;
  let claims: Claims;

  beforeAll(async () => {
    node = await start();
    tenant = await deployEvmTenant(node, { approvalThreshold: 0 });
    const { device } = tenant.accounts;
    const registrar = await tenant.openLedger('registrar');
    await registrar.submit({ type: 'enrol-device', account: device, kind: 'edge', group, profile: digestOfByte(7) });
    await registrar.close();
    await publish(1n);
  });
  afterAll(() => node.kill());

  async function publish(version: bigint): Promise<void> {
    const ledger = await tenant.openLedger('publisher');
    await ledger.submit({ type: 'propose', proposals: [{ resource, version, digest: digestOfByte(0xc1), group }] });
    claims = chooseClaims(await readState(ledger), {
      account: tenant.accounts.device,
      group,
      resources: [absent],
    });
    await ledger.close();
  }

  async function startOf(
    validators: readonly TestValidator[],
    options: { epochLength?: number; contract?: DeployedSet; proofBlocks?: number } = {},
  ) {
    const network = await startQbftNetwork(node, { validators, ...options });
    onTestFinished(() => network.close());
    return network;
  }

  const anchorOf = ({ finality }: QbftNetwork): Anchor => ({ ...tenant.deployed.anchor, finality });
  const make = (network: QbftNetwork, height: bigint, known?: readonly SetChange[]) =>
    makeBundle(
      { claims, height, note: undefined, known },
      { rpc: openRpc({ url: network.url }), anchor: anchorOf(network), crypto },
    );

  /** What a device with the network's anchor reads in a bundle of block `height`. */
  async function open(network: QbftNetwork, height: bigint, known?: readonly SetChange[]) {
    const bundle = await make(network, height, known);
    const state = openState(bundle, anchorOf(network), 0n);
    expect(state.record(resource)?.status).toBe('active');
    expect(state.record(absent)).toBeUndefined();
    expect(state.device(tenant.accounts.device)?.status).toBe('active');
    return { state, bundle, changes: decodeBundle(bundle).changes.map(describeChange) };
  }

  const codeOf = async (work: () => Promise<unknown>): Promise<string> => {
    const error: unknown = await work().then(
      () => 'none',
      (reason: unknown) => reason,
    );
    return hasCode(error) ? error.code : String(error);
  };

  test.each([1, 4, 7])('of %i validators, with exactly a quorum of seals, is believed', async (count) => {
    const network = await startOf(seven.slice(0, count));
    const height = await network.advance(3);
    const { state, bundle, changes } = await open(network, height);
    expect({ height: state.block.height, changes }).toEqual({ height, changes: [] });
    const { seals } = parseQbftExtra(parseHeader(decodeBundle(bundle).header).extraData);
    expect(seals).toHaveLength(Math.ceil((2 * count) / 3));
  });

  test('is all that the command line needs to export and verify', async () => {
    const network = await startOf(four);
    const version = 1n + (await network.advance(1));
    await publish(version);
    const folder = mkdtempSync(join(tmpdir(), 'dewproof-qbft-'));
    onTestFinished(() => {
      rmSync(folder, { recursive: true, force: true });
    });
    const [anchor, bundle] = [join(folder, 'anchor.json'), join(folder, 'device.bundle')];
    writeFileSync(anchor, JSON.stringify(anchorOf(network)));
    const shared = [bundle, '--anchor', anchor, '-o', 'json'];
    const source = ['--device', tenant.accounts.device, '--url', network.url];
    expect(await runDewproof(['bundle', 'export', ...shared, ...source])).toMatchObject({ exitCode: 0, stderr: '' });
    const verified = await runDewproof(['bundle', 'verify', ...shared, '--no-clock']);
    expect(verified).toMatchObject({ exitCode: 0, stderr: '' });
    expect(verified.stdout).toContain(`version ${version}, active`);
    expect(JSON.parse(verified.stdout)).toMatchObject({ finality: { kind: 'qbft', signed: 3, of: 4 } });
  });

  test.each([
    [4, 3],
    [7, 6],
  ])('that goes from %i members to %i shows it by votes alone', async (from, to) => {
    const members = seven.slice(0, from);
    const network = await startOf(members);
    const on = members.at(-1) as TestValidator;
    network.sealer.campaign = { by: members, on, adds: false };
    const height = await network.advance(from + 2);
    expect(network.sealer.members).toHaveLength(to);
    const { changes } = await open(network, height);
    expect(changes).toEqual(Array<string>(Math.floor(from / 2) + 1).fill(`${from} members, vote`));
  });

  test('that goes from four members to seven at once shows it by the old quorum among the seals', async () => {
    const network = await startOf(four);
    // The seven's quorum is five: with two newcomers away, three of the old four are among them.
    for (const newcomer of seven.slice(4, 6)) network.sealer.down.add(newcomer);
    network.sealer.replace(seven);
    await network.advance(1);
    network.sealer.down.clear();
    const { changes } = await open(network, await network.advance(3));
    expect(changes).toEqual(['7 members']);
  });

  test('that goes from four members to seven vote by vote shows it, whoever seals', async () => {
    const network = await startOf(four);
    for (const [index, newcomer] of seven.slice(4).entries()) {
      // An old member away for each new one: newcomers must seal, and the old quorum is not among the seals.
      const gone = four.slice(0, index > 0 ? 1 : 0);
      for (const one of gone) network.sealer.down.add(one);
      network.sealer.campaign = { by: seven, on: newcomer, adds: true };
      await network.advance(7);
      network.sealer.down.clear();
    }
    const { changes } = await open(network, await network.advance(1));
    expect(network.sealer.members).toHaveLength(7);
    // Of four to five and of six to seven the old quorum always seals too; of five to six the newcomer may be in its way.
    const middle = changes.slice(1, -1);
    expect([changes[0], changes.at(-1)]).toEqual(['5 members', '7 members']);
    expect([['6 members'], Array<string>(3).fill('5 members, vote')]).toContainEqual(middle);
  });

  test('lives on through one change after another', async () => {
    const network = await startOf(four);
    const gone = four[1] as TestValidator;
    network.sealer.campaign = { by: four, on: gone, adds: false };
    await network.advance(6);
    network.sealer.campaign = { by: four, on: gone, adds: true };
    await network.advance(6);
    for (const newcomer of seven.slice(4, 6)) network.sealer.down.add(newcomer);
    network.sealer.replace(seven);
    await network.advance(2);
    network.sealer.down.clear();
    network.sealer.campaign = { by: seven, on: gone, adds: false };
    const height = await network.advance(9);
    expect(network.sealer.members).toHaveLength(6);
    const { state } = await open(network, height);
    expect(state.block.height).toBe(height);
  });

  test('whose votes on one member stand when another is voted out shows both', async () => {
    const five = seven.slice(0, 5);
    const [out, next] = [five[3] as TestValidator, five[4] as TestValidator];
    const network = await startOf(five);
    network.sealer.campaign = { by: five.slice(0, 2), on: next, adds: false };
    await network.advance(5);
    network.sealer.campaign = { by: five.slice(0, 3), on: out, adds: false };
    await network.advance(6);
    expect(network.sealer.members).toHaveLength(4);
    // Alone it is one of four.
    network.sealer.campaign = { by: five.slice(2, 3), on: next, adds: false };
    const height = await network.advance(6);
    expect(network.sealer.members).toHaveLength(3);
    const { changes, state } = await open(network, height);
    expect(changes).toEqual([...Array<string>(5).fill('5 members, vote'), '4 members, vote']);
    expect(state.vouchers?.members).toBe(3);
  });

  test('whose votes straddle an epoch does not change, and begins again', async () => {
    const network = await startOf(four, { epochLength: 8 });
    const left = 8n - (BigInt(network.finality.height) % 8n);
    // Two votes before the epoch's end are too few; after it they count no more.
    await network.advance(Number(left) + 5 - (left < 3n ? 0 : 3));
    network.sealer.campaign = { by: four, on: four[3] as TestValidator, adds: false };
    const height = await network.advance(14);
    expect(network.sealer.members).toHaveLength(3);
    const { changes } = await open(network, height);
    expect(changes).toEqual(Array<string>(3).fill('4 members, vote'));
  });

  test('that is taken over by strangers is not followed', async () => {
    const network = await startOf(four);
    network.sealer.replace(createValidators(4, { from: 20 }));
    const height = await network.advance(2);
    expect(await codeOf(() => make(network, height))).toBe('NOT_PROVED');
  });

  test('that lost its quorum stands still, and what the rest seals is refused', async () => {
    const network = await startOf(four);
    const last = await network.advance(1);
    for (const one of four.slice(0, 2)) network.sealer.down.add(one);
    expect(await network.advance(2)).toBe(last);
    expect(await codeOf(() => make(network, last + 1n))).toBe('LEDGER_BEHIND');
    await open(network, last);
    network.sealer.insists = true;
    const height = await network.advance(1);
    expect(height).toBe(last + 3n);
    const bundle = await make(network, height);
    expect(await codeOf(() => Promise.resolve().then(() => openState(bundle, anchorOf(network), 0n)))).toBe('QUORUM');
    network.sealer.down.clear();
    await open(network, await network.advance(1));
  });

  test('that seals two blocks of one height is told by their hashes: both count, and not beside each other', async () => {
    const network = await startOf(four);
    const height = await network.advance(1);
    const one = await open(network, height);
    network.serveTwin(height);
    const twin = await open(network, height);
    expect(twin.state.block.height).toBe(one.state.block.height);
    expect(twin.state.block.hash).not.toBe(one.state.block.hash);
    const anchored = anchorOf(network);
    const finality = { ...network.finality, height: Number(height), hash: one.state.block.hash };
    const holder = { ...anchored, finality };
    expect(openState(one.bundle, holder, 0n).block.hash).toBe(one.state.block.hash);
    expect(await codeOf(() => Promise.resolve().then(() => openState(twin.bundle, holder, 0n)))).toBe('EQUIVOCATION');
  });

  test('whose nodes keep 512 blocks of state proves those, across an older change of the set', async () => {
    const network = await startOf(four);
    network.sealer.campaign = { by: four, on: four[0] as TestValidator, adds: false };
    const old = await network.advance(6);
    const height = await network.advance(512);
    const { changes } = await open(network, height);
    expect(changes).toHaveLength(3);
    await open(network, height - 511n);
    expect(await codeOf(() => make(network, height - 512n))).toBe('NOT_PROVED');
    expect(await codeOf(() => make(network, old))).toBe('NOT_PROVED');
  });

  describe('whose validators a contract names', () => {
    async function startNamed(validators: readonly TestValidator[]) {
      const contract = await deployValidatorSet(node, validators);
      return { contract, network: await startOf(validators, { contract, proofBlocks: 16 }) };
    }

    test.each([1, 4])('is believed where the contract does not change: %i of them', async (count) => {
      const { network } = await startNamed(seven.slice(0, count));
      const { changes, state } = await open(network, await network.advance(3));
      expect({ changes, members: state.vouchers?.members }).toEqual({ changes: [], members: count });
    });

    test.each([
      ['four to three', four, four.slice(1)],
      ['seven to six', seven, seven.slice(0, 6)],
      ['four to seven', four, seven],
      ['four to five', four, seven.slice(0, 5)],
      ['four to four others', four, createValidators(4, { from: 20 })],
    ])('goes from %s by the proof of whom it names', async (_, from, to) => {
      const { contract, network } = await startNamed(from);
      await network.advance(2);
      await contract.replace(to);
      const height = await network.advance(2);
      expect(network.sealer.members).toHaveLength(to.length);
      const { changes, state } = await open(network, height);
      expect({ changes, members: state.vouchers?.members }).toEqual({ changes: ['proved'], members: to.length });
    });

    test('goes through one set after another', async () => {
      const { contract, network } = await startNamed(four);
      for (const set of [seven, seven.slice(2), four.slice(0, 1), seven.slice(1, 5)]) {
        await contract.replace(set);
        await network.advance(3);
      }
      const { changes } = await open(network, await network.advance(1));
      expect(changes.length).toBeGreaterThan(0);
      expect(changes.length).toBeLessThanOrEqual(4);
    });

    test('changes in the block before the head, and in the head itself', async () => {
      const { contract, network } = await startNamed(four);
      await contract.replace(seven);
      const height = await network.advance(0);
      expect((await open(network, height)).changes).toEqual([]);
      expect((await open(network, await network.advance(1))).changes).toEqual(['proved']);
    });

    test('is followed past the states that nodes keep where it was followed before, or the old ones seal on', async () => {
      const [shrunk, grown] = [await startNamed(four), await startNamed(four)];
      await shrunk.contract.replace(four.slice(1));
      await grown.contract.replace(seven.slice(0, 5));
      const early = await shrunk.network.advance(2);
      const { bundle } = await open(shrunk.network, early);
      await grown.network.advance(20);
      const height = await shrunk.network.advance(0);
      // Two of three seal now, of whom the old set's quorum would be three.
      expect(await codeOf(() => make(shrunk.network, height))).toBe('NOT_PROVED');
      const remembered = await open(shrunk.network, height, decodeBundle(bundle).changes);
      expect(remembered.changes).toEqual(['proved']);
      // Four of five seal now, and three of the old four are always among them.
      expect((await open(grown.network, height)).changes).toEqual(['proved']);
    });

    test('is all that the command line needs to name it in an anchor, export and verify', async () => {
      const { contract, network } = await startNamed(four);
      const folder = mkdtempSync(join(tmpdir(), 'dewproof-contract-'));
      onTestFinished(() => {
        rmSync(folder, { recursive: true, force: true });
      });
      const [own, anchor, first, bundle] = ['own', 'anchor', 'first', 'second'].map((name) => join(folder, name));
      if (!own || !anchor || !first || !bundle) throw new TypeError('no names');
      await network.advance(1);
      writeFileSync(own, JSON.stringify(tenant.deployed.anchor));
      const { address, slot } = contract.anchored;
      const naming = ['--validator-contract', address, '--validator-slot', String(BigInt(slot)), '--url', network.url];
      const created = await runDewproof(['anchor', 'create', anchor, '--from', own, ...naming, '-o', 'json']);
      expect(created).toMatchObject({ exitCode: 0 });
      expect(JSON.parse(created.stdout)).toMatchObject({
        validators: four.map(({ account }) => account),
        validatorsNamedBy: contract.anchored,
      });
      const shared = ['--anchor', anchor, '-o', 'json'];
      const source = ['--device', tenant.accounts.device, '--url', network.url];
      expect(await runDewproof(['bundle', 'export', first, ...shared, ...source])).toMatchObject({ exitCode: 0 });
      await contract.replace(seven);
      await network.advance(1);
      const exported = await runDewproof(['bundle', 'export', bundle, ...shared, ...source, '--from', first]);
      expect(exported).toMatchObject({ exitCode: 0, stderr: '' });
      const verified = await runDewproof(['bundle', 'verify', bundle, ...shared, '--no-clock']);
      expect(JSON.parse(verified.stdout)).toMatchObject({ finality: { kind: 'qbft', signed: 5, of: 7 } });
    });
  });
});

/** How many members a header on the way lists, and whether it carries a vote. */
function describeChange(change: SetChange): string {
  if (!(change instanceof Uint8Array)) return 'proved';
  const { validators, vote } = parseQbftExtra(parseHeader(change).extraData);
  return `${validators.length} members${vote ? ', vote' : ''}`;
}
