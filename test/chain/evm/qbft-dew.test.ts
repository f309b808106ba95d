import { describe, expect, onTestFinished, test } from 'vitest';
import { isSignedBy } from '../../../cli/is-signed-by.ts';
import { bytes32Of, digestOfByte } from '../../../chain/conformance/command-arbitrary.ts';
import { openEvmLedger } from '../../../chain/evm/evm-ledger.ts';
import { openRpc } from '../../../chain/evm/json-rpc.ts';
import { loadProofCrypto } from '../../../chain/light/crypto/load-crypto.ts';
import { createBundleMaker } from '../../../chain/light/make/bundle-maker.ts';
import { openVouching } from '../../../chain/light/make/open-vouching.ts';
import { createOpenState } from '../../../chain/light/open-state.ts';
import type { Account } from '../../../core/account.ts';
import { DewproofError, hasCode } from '../../../core/errors.ts';
import { groupIdOf } from '../../../core/ids.ts';
import type { Anchor } from '../../../core/state/anchor.ts';
import type { VerifiedState } from '../../../core/state/verified-state.ts';
import { startDew } from '../../../dew/start-dew.ts';
import { createLog } from '../../../platform/log.ts';
import { fixedSources } from '../../dew/support/fixed-sources.ts';
import { temporaryFolder } from '../../platform/temporary-folder.ts';
import { deployEvmTenant } from '../../support/evm-tenant.ts';
import { startHardhat, until } from '../../support/nodes.ts';
import { startQbftNetwork, type QbftNetwork } from '../../support/qbft-network.ts';
import { createValidators, type TestValidator } from '../../support/test-validators.ts';
import { deployValidatorSet } from '../../support/validator-set.ts';

const crypto = await loadProofCrypto();
const openState = createOpenState(crypto);
const four = createValidators(4);
const group = groupIdOf({ tenant: 'greenfields', name: 'barn-7' });
const resource = bytes32Of(0xa1);

/**
 * A dew beside a node of a QBFT network, whose blocks, state and proofs are a real node's. `named`: a contract names its
 * validators, and its nodes keep the states of the last 16 blocks alone.
 */
async function createWorld({ named = false } = {}) {
  const node = await startHardhat();
  onTestFinished(() => node.kill());
  const tenant = await deployEvmTenant(node, { approvalThreshold: 0 });
  const account = tenant.accounts.device;
  const enrolling = await tenant.openLedger('registrar');
  await enrolling.submit({ type: 'enrol-device', account, kind: 'edge', group, profile: undefined });
  await enrolling.close();
  const contract = named ? await deployValidatorSet(node, four) : undefined;
  const naming = contract && { contract, proofBlocks: 16 };
  const network = await startQbftNetwork(node, { validators: four, ...naming });
  onTestFinished(() => network.close());
  const anchor: Anchor = { ...tenant.deployed.anchor, finality: network.finality };
  const dataFolder = temporaryFolder();
  let dew = await startDewOf({ anchor, network, account, dataFolder });
  onTestFinished(() => dew.close());
  const restart = async (): Promise<void> => {
    await dew.close();
    dew = await startDewOf({ anchor, network, account, dataFolder });
  };
  const publish = async (version: bigint): Promise<void> => {
    const publisher = await tenant.openLedger('publisher');
    await publisher.submit({ type: 'propose', proposals: [{ resource, version, digest: digestOfByte(0xc1), group }] });
    await publisher.close();
  };
  const open = async (): Promise<VerifiedState | undefined> => {
    const response = await fetch(`${dew.url}/v1/bundles/${account}`);
    if (response.status !== 200) return undefined;
    return openState(new Uint8Array(await response.arrayBuffer()), anchor, 0n);
  };
  /** Waits until the served bundle tells of a version, as who trusts the four first members opens it. */
  const shows = (version: bigint): Promise<VerifiedState> =>
    until(async () => {
      try {
        const state = await open();
        return state?.record(resource)?.version === version ? state : undefined;
      } catch (error) {
        // Not told of yet.
        if (hasCode(error, 'NOT_PROVED')) return undefined;
        throw error;
      }
    });
  return { network, contract, restart, publish, shows };
}

interface DewPlan {
  readonly anchor: Anchor;
  readonly network: QbftNetwork;
  readonly account: Account;
  readonly dataFolder: string;
}

async function startDewOf({ anchor, network, account, dataFolder }: DewPlan) {
  const deps = { rpc: openRpc({ url: network.url, timeoutMs: 2_000 }), anchor, crypto };
  const none = (): never => {
    throw new DewproofError('INTERNAL', 'Nobody is asked for notes where seals count.');
  };
  const vouching = openVouching(deps, { ask: none, onTrouble: none }, { sharedMs: 20 });
  const ledger = await openEvmLedger({
    anchor: { ...anchor, finality: { kind: 'rpc', url: network.url, confirmations: 0 } },
    pollMs: 20,
    maxBackoffMs: 200,
    finalHead: async () => (await vouching.newest()).block,
  });
  const bundles = {
    maker: createBundleMaker({ ...deps, vouching }),
    verify: (bundle: Uint8Array, by: Anchor) => void openState(bundle, by, 0n),
    refreshEveryMs: 0,
    keepSeconds: 2_592_000,
  };
  const dew = await startDew({
    config: { dataFolder, host: '127.0.0.1', port: 0, mqttPort: 0, tenant: 'greenfields', groups: ['barn-7'] },
    account,
    anchor,
    openSources: fixedSources({ ledger, bundles }),
    verifyCall: () => Promise.resolve(undefined),
    isSignedBy,
    clock: Date.now,
    random: () => 0.1,
    log: createLog({ name: 'dew', level: 'silent' }, { write: () => undefined }),
  });
  return {
    url: dew.url,
    close: async () => {
      await dew.close();
      await ledger.close();
    },
  };
}

describe('a dew beside a node of a QBFT network', () => {
  test('serves what its members sealed, and goes on as they come and go', async () => {
    const { network, publish, shows } = await createWorld();
    await publish(1n);
    const first = await shows(1n);
    expect(first.vouchers).toMatchObject({ members: 4 });

    network.sealer.campaign = { by: four, on: four.at(-1) as TestValidator, adds: false };
    await network.advance(6);
    expect(network.sealer.members).toHaveLength(3);
    await publish(2n);
    const second = await shows(2n);
    expect(second.vouchers).toMatchObject({ members: 3 });
    expect(second.attestedAt).toBe(second.block.time);
  });

  test('serves the last of them while a quorum is away, and newer ones once it is back', async () => {
    const { network, publish, shows } = await createWorld();
    await publish(1n);
    const { block } = await shows(1n);
    for (const member of four.slice(0, 2)) network.sealer.down.add(member);
    await publish(2n);
    expect((await shows(1n)).block).toEqual(block);
    network.sealer.down.clear();
    await shows(2n);
  });

  test('remembers whom a contract named, past a restart and the states that the node keeps', async () => {
    const { network, contract, restart, publish, shows } = await createWorld({ named: true });
    await publish(1n);
    expect((await shows(1n)).vouchers).toMatchObject({ members: 4 });
    // Two of these three seal from then on: never the quorum of the four, who would have to vouch for a later proof.
    await contract?.replace(four.slice(1));
    await publish(2n);
    expect((await shows(2n)).vouchers).toMatchObject({ members: 3 });
    await network.advance(20);
    await restart();
    await publish(3n);
    expect((await shows(3n)).vouchers).toMatchObject({ members: 3 });
  });
});
