import { afterEach, describe, expect, test } from 'vitest';
import { bytes32Of, digestOfByte } from '../../../chain/conformance/command-arbitrary.ts';
import { readBatchesOf, readEventsOf } from '../../../chain/conformance/read-ledger.ts';
import { deployTenant } from '../../../chain/evm/deploy-tenant.ts';
import { openEvmLedger } from '../../../chain/evm/evm-ledger.ts';
import { openLocalAccount } from '../../../chain/evm/local-account.ts';
import { hasCode } from '../../../core/errors.ts';
import type { Ledger } from '../../../core/ledger/ledger.ts';
import { registryAt } from '../../support/evm-calls.ts';
import { deployEvmTenant, type EvmTenant } from '../../support/evm-tenant.ts';
import { startNodeProxy } from '../../support/node-proxy.ts';
import { askNode, startAnvil, startHardhat, until, type DevNode } from '../../support/nodes.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function anvil(...args: readonly string[]): Promise<DevNode> {
  const node = await startAnvil({ args: ['--accounts', '20', ...args] });
  cleanups.push(() => node.kill());
  return node;
}

async function hardhat(): Promise<DevNode> {
  const node = await startHardhat();
  cleanups.push(() => node.kill());
  return node;
}

async function open(tenant: EvmTenant, actor?: Parameters<EvmTenant['openLedger']>[0]): Promise<Ledger> {
  const ledger = await tenant.openLedger(actor);
  cleanups.push(() => ledger.close());
  return ledger;
}

function enrolment(index: number) {
  const account = `0x${index.toString(16).padStart(40, '0')}` as const;
  return { type: 'enrol-device', account, kind: 'edge', group: bytes32Of(0xb1), profile: undefined } as const;
}

function proposalOf(version: bigint) {
  return { resource: bytes32Of(0xa1), version, digest: digestOfByte(0xc1), group: bytes32Of(0xb1) };
}

async function enrolledIn(ledger: Ledger): Promise<readonly number[]> {
  const events = await readEventsOf(ledger);
  return events.flatMap((event) => (event.type === 'device-enrolled' ? [Number(event.account)] : []));
}

const numbers = Array.from({ length: 50 }, (_, index) => index + 1);

const intervalMining: Readonly<Record<string, { start: () => Promise<DevNode>; interval: number }>> = {
  anvil: { start: anvil, interval: 1 },
  'hardhat node': { start: hardhat, interval: 300 },
};

describe.for(Object.entries(intervalMining))('under interval mining, %s', ([, { start, interval }]) => {
  async function deploy(options: { approvalThreshold?: number } = {}): Promise<EvmTenant> {
    const node = await start();
    const tenant = await deployEvmTenant(node, options);
    await askNode(node, { method: 'evm_setAutomine', params: [false] });
    await askNode(node, { method: 'evm_setIntervalMining', params: [interval] });
    return tenant;
  }

  test('fifty commands at once land in few blocks, in the order of the calls', async () => {
    const tenant = await deploy();
    const writer = await open(tenant, 'registrar');
    const submitted = await Promise.all(numbers.map((index) => writer.submit(enrolment(index))));
    expect(await enrolledIn(writer)).toEqual(numbers);
    expect(new Set(submitted.map(({ block }) => block.height)).size).toBeLessThan(10);
  });

  test('two processes on one account take no nonce from each other for long', async () => {
    const tenant = await deploy();
    const writers = [await open(tenant, 'registrar'), await open(tenant, 'registrar')] as const;
    const [one, other] = writers;
    await Promise.all(numbers.map((index) => (index % 2 ? one : other).submit(enrolment(index))));
    const enrolled = await enrolledIn(await open(tenant));
    expect(enrolled.toSorted((a, b) => a - b)).toEqual(numbers);
  });

  test('of two that contradict each other one is told why', async () => {
    const tenant = await deploy();
    const one = await open(tenant, 'registrar');
    const other = await open(tenant, 'registrar');
    const results = await Promise.allSettled([one.submit(enrolment(1)), other.submit(enrolment(1))]);
    const codes = results.map((result) =>
      result.status === 'rejected' && hasCode(result.reason) ? result.reason.code : 'done',
    );
    expect(codes.toSorted()).toEqual(['ALREADY_ENROLLED', 'done']);
  });

  test('two approvals in one block have gas enough for the one that activates', async () => {
    const tenant = await deploy({ approvalThreshold: 2 });
    const proposals = Array.from({ length: 5 }, (_, index) => ({ ...proposalOf(1n), resource: bytes32Of(index + 1) }));
    const publisher = await open(tenant, 'publisher');
    await publisher.submit({ type: 'propose', proposals });
    const approvers = [await open(tenant, 'approver'), await open(tenant, 'approver2')];
    await Promise.all(approvers.map((approver) => approver.submit({ type: 'approve', proposals })));
    const activated = (await readEventsOf(approvers[0] as Ledger)).filter(
      ({ type }) => type === 'configuration-activated',
    );
    expect(activated).toHaveLength(5);
  });
});

describe('fees', () => {
  test('a chain with free gas takes transactions of accounts that own nothing', async () => {
    const node = await anvil('--gas-price', '0', '--block-base-fee-per-gas', '0', '--disable-min-priority-fee');
    await expectDeployable(node, (index) => openLocalAccount(Buffer.alloc(32, index + 1)));
  });

  test('a chain from before EIP-1559 takes them too', async () => {
    const node = await anvil('--hardfork', 'berlin');
    const block = (await askNode(node, { method: 'eth_getBlockByNumber', params: ['latest', false] })) as object;
    expect(block).not.toHaveProperty('baseFeePerGas');
    const tenant = await deployEvmTenant(node);
    await (await open(tenant, 'registrar')).submit(enrolment(1));
  });

  test('a base fee that rises while transactions wait does not strand them', async () => {
    const node = await hardhat();
    const tenant = await deployEvmTenant(node);
    await askNode(node, { method: 'evm_setAutomine', params: [false] });
    const writer = await open(tenant, 'registrar');
    const submitted = writer.submit(enrolment(1));
    await until(async () => ((await askNode(node, { method: 'eth_pendingTransactions' })) as unknown[]).length === 1);
    const { baseFeePerGas } = (await askNode(node, { method: 'eth_getBlockByNumber', params: ['latest', false] })) as {
      baseFeePerGas: string;
    };
    const risen = `0x${((BigInt(baseFeePerGas) * 19n) / 10n).toString(16)}`;
    await askNode(node, { method: 'hardhat_setNextBlockBaseFeePerGas', params: [risen] });
    await tenant.mine();
    await submitted;
  });

  async function expectDeployable(node: DevNode, keyOf: (index: number) => ReturnType<typeof openLocalAccount>) {
    const [deployer, admin, guardian, registrar] = [0, 1, 2, 3].map(keyOf) as [
      ReturnType<typeof keyOf>,
      ReturnType<typeof keyOf>,
      ReturnType<typeof keyOf>,
      ReturnType<typeof keyOf>,
    ];
    const { anchor } = await deployTenant({
      url: node.url,
      deployer,
      tenant: 'greenfields',
      approvalThreshold: 0,
      members: [
        { account: admin.account, role: 'admin' },
        { account: guardian.account, role: 'guardian' },
        { account: registrar.account, role: 'registrar' },
      ],
    });
    const ledger = await openEvmLedger({ anchor, signer: registrar });
    await ledger.submit(enrolment(1));
    expect(await enrolledIn(ledger)).toEqual([1]);
    await ledger.close();
  }
});

describe('a node that is gone', () => {
  test('before anything was sent says so at once', async () => {
    const node = await anvil();
    const tenant = await deployEvmTenant(node);
    const writer = await open(tenant, 'registrar');
    await node.kill();
    await expect(writer.submit(enrolment(1))).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  });

  test('after it took a transaction leaves it open what became of it, with the transaction’s hash', async () => {
    const node = await anvil('--no-mining');
    await askNode(node, { method: 'evm_setAutomine', params: [true] });
    const tenant = await deployEvmTenant(node, { submitTimeoutMs: 500 });
    await askNode(node, { method: 'evm_setAutomine', params: [false] });
    const error: unknown = await (
      await open(tenant, 'registrar')
    )
      .submit(enrolment(1))
      .catch((reason: unknown) => reason);
    if (!hasCode(error, 'LEDGER_UNAVAILABLE')) throw error;
    expect(error.details['transaction']).toMatch(/^0x[0-9a-f]{64}$/);
  });

  test('as it answers to the sending: the transaction may have been taken, and is not sent under another nonce', async () => {
    const node = await anvil();
    const tenant = await deployEvmTenant(node);
    const proxy = await startNodeProxy(node);
    cleanups.push(() => proxy.close());
    proxy.intercept = async ({ method }, forward) => {
      if (method !== 'eth_sendRawTransaction') return undefined;
      await forward();
      return (response) => response.destroy();
    };
    const { anchor } = tenant.deployed;
    const through = { ...anchor, finality: { ...anchor.finality, url: proxy.url } };
    const writer = await openEvmLedger({ anchor: through, signer: tenant.keys.registrar });
    await expect(writer.submit(enrolment(1))).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    proxy.intercept = () => undefined;
    await writer.submit(enrolment(2));
    expect(await enrolledIn(writer)).toEqual([1, 2]);
    await writer.close();
  });

  test('closing ends what waits', async () => {
    const node = await anvil();
    const tenant = await deployEvmTenant(node);
    await askNode(node, { method: 'evm_setAutomine', params: [false] });
    const writer = await open(tenant, 'registrar');
    const waiting = writer.submit(enrolment(1));
    await until(
      async () => BigInt(((await askNode(node, { method: 'txpool_status' })) as { pending: string }).pending) > 0n,
    );
    await writer.close();
    await expect(waiting).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  });
});

describe('a transaction', () => {
  test('that fails once it is mined is explained by the contract’s reason', async () => {
    const node = await anvil();
    const tenant = await deployEvmTenant(node);
    await askNode(node, { method: 'evm_setAutomine', params: [false] });
    const publisher = await open(tenant, 'publisher');
    const author = await open(tenant, 'author');
    const proposals = [proposalOf(1n)];
    const submitted = Promise.allSettled([publisher, author].map((one) => one.submit({ type: 'propose', proposals })));
    await until(
      async () => BigInt(((await askNode(node, { method: 'txpool_status' })) as { pending: string }).pending) === 2n,
    );
    await tenant.mine();
    const codes = (await submitted).map((one) =>
      one.status === 'rejected' && hasCode(one.reason) ? one.reason.code : 'done',
    );
    expect(codes.toSorted()).toEqual(['ALREADY_PROPOSED', 'done']);
  });

  test('whose nonce another one took is sent anew', async () => {
    const node = await anvil();
    const tenant = await deployEvmTenant(node);
    const registry = registryAt(node, tenant.deployed.anchor.registry);
    await askNode(node, { method: 'evm_setAutomine', params: [false] });
    const writer = await open(tenant, 'registrar');
    const submitted = writer.submit(enrolment(1));
    const pool = async () =>
      BigInt(((await askNode(node, { method: 'txpool_status' })) as { pending: string }).pending);
    await until(async () => (await pool()) > 0n);
    await askNode(node, { method: 'anvil_dropAllTransactions' });
    const other = registry.send(tenant.keys.registrar, {
      name: 'enrol',
      args: [enrolment(2).account, 1, bytes32Of(0xb1), bytes32Of(0)],
    });
    await until(async () => {
      await tenant.mine();
      return (await enrolledIn(writer)).length === 2;
    });
    await Promise.all([submitted, other]);
    expect((await enrolledIn(writer)).toSorted()).toEqual([1, 2]);
  });

  test('is final only below its confirmations', async () => {
    const node = await anvil();
    const tenant = await deployEvmTenant(node, { confirmations: 5 });
    const writer = await open(tenant, 'registrar');
    let done = false;
    const submitted = writer.submit(enrolment(1)).finally(() => {
      done = true;
    });
    const mined = await until(async () => {
      const height = BigInt((await askNode(node, { method: 'eth_blockNumber' })) as string);
      return height > tenant.deployed.beginsAt.height + 2n && height;
    });
    for (let depth = 0n; depth < 5n; depth++) {
      expect(done).toBe(false);
      expect((await readBatchesOf(writer)).at(-1)?.block.height).toBe(
        mined + depth - 5n > 0n ? mined + depth - 5n : 0n,
      );
      await tenant.mine();
    }
    expect((await submitted).block.height).toBe(mined);
    const latest = (await askNode(node, { method: 'eth_getBlockByNumber', params: ['latest', false] })) as {
      hash: `0x${string}`;
      number: string;
    };
    const after = { height: BigInt(latest.number), hash: latest.hash, time: 0n };
    await expect(readBatchesOf(writer, after)).rejects.toMatchObject({ code: 'LEDGER_BEHIND' });
    expect(await enrolledIn(writer)).toEqual([1]);
  });
});
