import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bytes32Of, digestOfByte } from '../../../chain/conformance/command-arbitrary.ts';
import { readBatchesOf, readEventsOf } from '../../../chain/conformance/read-ledger.ts';
import { openEvmLedger } from '../../../chain/evm/evm-ledger.ts';
import { hasCode } from '../../../core/errors.ts';
import type { LedgerEvent } from '../../../core/ledger/events.ts';
import type { Ledger } from '../../../core/ledger/ledger.ts';
import type { BlockRef } from '../../../core/ledger/records.ts';
import { deployEvmTenant, type EvmTenant } from '../../support/evm-tenant.ts';
import { askNode, startAnvil, until, type DevNode } from '../../support/nodes.ts';

let folder: string;
let stateFile: string;
const nodes: DevNode[] = [];
const ledgers: Ledger[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dewproof-chain-'));
  stateFile = join(folder, 'state.json');
});
afterEach(async () => {
  for (const ledger of ledgers.splice(0)) await ledger.close();
  for (const node of nodes.splice(0)) await node.kill();
  await rm(folder, { recursive: true, force: true });
});

/** A fixed time of the genesis block makes its hash the same on every start. */
async function start({ port = 0, args = [] }: { port?: number; args?: readonly string[] } = {}): Promise<DevNode> {
  const fixed = ['--accounts', '20', '--timestamp', '1700000000'];
  const node = await startAnvil({ port, args: [...fixed, ...args] });
  nodes.push(node);
  return node;
}

/** Its clock starts at the genesis block's time again: without this it would stand before the newest block. */
async function restart(port: number, ...args: readonly string[]): Promise<DevNode> {
  const node = await start({ port, args: [...keeping(), ...args] });
  await askNode(node, { method: 'evm_increaseTime', params: [3600] });
  return node;
}

const keeping = () => ['--state', stateFile, '--state-interval', '1', '--preserve-historical-states'];

async function open(tenant: EvmTenant, actor?: Parameters<EvmTenant['openLedger']>[0]): Promise<Ledger> {
  const ledger = await tenant.openLedger(actor);
  ledgers.push(ledger);
  return ledger;
}

function proposalOf(version: bigint) {
  const proposal = { resource: bytes32Of(0xa1), version, digest: digestOfByte(0xc1), group: bytes32Of(0xb1) };
  return { type: 'propose', proposals: [proposal] } as const;
}

/** Submits and mines until it is deep enough. */
async function submitMining(
  tenant: EvmTenant,
  { ledger, version }: { ledger: Ledger; version: bigint },
): Promise<void> {
  let done = false;
  const submitted = ledger.submit(proposalOf(version)).finally(() => {
    done = true;
  });
  submitted.catch(() => undefined);
  await until(async () => {
    await tenant.mine();
    return done;
  });
  await submitted;
}

interface Follower {
  readonly events: LedgerEvent[];
  readonly troubles: string[];
  last: BlockRef | undefined;
  /** The code that it ended with; undefined where it was stopped. */
  readonly ended: Promise<string | undefined>;
  stop(): void;
}

function follow(ledger: Ledger, after?: BlockRef): Follower {
  const ending = new AbortController();
  const troubles: string[] = [];
  const onTrouble = (error: Error): void => {
    troubles.push(hasCode(error) ? error.code : String(error));
  };
  const run = async (): Promise<string | undefined> => {
    try {
      for await (const { block, events } of ledger.events({ after, follow: true, signal: ending.signal, onTrouble })) {
        follower.last = block;
        follower.events.push(...events);
      }
      return undefined;
    } catch (error) {
      return hasCode(error) ? error.code : String(error);
    }
  };
  const follower: Follower = {
    events: [],
    troubles,
    last: undefined,
    ended: Promise.resolve().then(run),
    stop: () => {
      ending.abort();
    },
  };
  return follower;
}

async function headOf(node: DevNode): Promise<bigint> {
  return BigInt((await askNode(node, { method: 'eth_blockNumber' })) as string);
}

/** Kills anvil -9 once its file holds the chain up to its head; a kill in the middle of a write leaves half a file. */
async function killSaved(node: DevNode): Promise<void> {
  const head = await headOf(node);
  await until(async () => {
    node.pause();
    if ((await savedHeight()) >= head) return true;
    node.resume();
    return false;
  });
  await node.kill();
}

async function savedHeight(): Promise<bigint> {
  try {
    const state = JSON.parse(await readFile(stateFile, 'utf8')) as { best_block_number: number | string };
    return BigInt(state.best_block_number);
  } catch {
    return -1n; // not written yet, or half
  }
}

describe('a node that is killed and comes back with what it saved', () => {
  test('is followed on, nothing lost and nothing twice', async () => {
    const node = await start({ args: keeping() });
    const tenant = await deployEvmTenant(node, { confirmations: 2, maxBackoffMs: 100 });
    const writer = await open(tenant, 'publisher');
    const follower = follow(await open(tenant));
    for (const version of [1n, 2n, 3n]) await submitMining(tenant, { ledger: writer, version });
    await killSaved(node);
    await until(() => follower.troubles.includes('LEDGER_UNAVAILABLE'));
    const again = await restart(node.port);
    for (const version of [4n, 5n, 6n]) await submitMining(tenant, { ledger: writer, version });
    const all = await readEventsOf(await open(tenant));
    await until(() => follower.events.length >= all.length);
    expect(follower.events).toEqual(all);
    expect(all.filter(({ type }) => type === 'configuration-proposed')).toHaveLength(6);
    follower.stop();
    expect(await follower.ended).toBeUndefined();
    expect(again.pid).not.toBe(node.pid);
  });

  test('having lost its last blocks is waited for, and refused once it has others in their place', async () => {
    const node = await start({ args: keeping() });
    const tenant = await deployEvmTenant(node, { maxBackoffMs: 100 });
    const writer = await open(tenant, 'publisher');
    const early = await headOf(node);
    await killSaved(node);
    const saved = join(folder, 'early.json');
    await copyFile(stateFile, saved);

    const middle = await restart(node.port);
    const follower = follow(await open(tenant));
    for (const version of [1n, 2n, 3n]) await writer.submit(proposalOf(version));
    await until(() => follower.last?.height === early + 3n);
    await middle.kill();
    await copyFile(saved, stateFile);

    const late = await restart(node.port);
    expect(await headOf(late)).toBe(early);
    await until(() => follower.troubles.includes('LEDGER_BEHIND'));
    await expect(readBatchesOf(await open(tenant), follower.last)).rejects.toMatchObject({ code: 'LEDGER_BEHIND' });
    for (let blocks = 0; blocks < 4; blocks++) await tenant.mine();
    expect(await follower.ended).toBe('EQUIVOCATION');
    await expect(readBatchesOf(await open(tenant), follower.last)).rejects.toMatchObject({ code: 'EQUIVOCATION' });
  });

  test('having forgotten a transaction is sent it again', async () => {
    const node = await start({ args: keeping() });
    const tenant = await deployEvmTenant(node, { maxBackoffMs: 100 });
    const writer = await open(tenant, 'publisher');
    await askNode(node, { method: 'evm_setAutomine', params: [false] });
    const submitted = writer.submit(proposalOf(1n));
    await until(async () => {
      const status = (await askNode(node, { method: 'txpool_status' })) as { pending: string };
      return BigInt(status.pending) > 0n;
    });
    await killSaved(node);
    await restart(node.port, '--no-mining');
    const reader = await open(tenant);
    await until(async () => {
      await tenant.mine();
      return (await readEventsOf(reader)).at(-1)?.type === 'configuration-proposed';
    });
    expect((await submitted).block.height).toBeGreaterThan(0n);
  });
});

describe('a node that comes back as another', () => {
  async function follower(args: readonly string[]): Promise<{ node: DevNode; tenant: EvmTenant; running: Follower }> {
    const node = await start({ args });
    const tenant = await deployEvmTenant(node, { maxBackoffMs: 100 });
    const running = follow(await open(tenant));
    await until(() => running.events.length > 0);
    await node.kill();
    return { node, tenant, running };
  }

  test('with another history of the same genesis is refused', async () => {
    const { node, tenant, running } = await follower([]);
    const again = await start({ port: node.port });
    // Without the registry it may only be behind; with another one in its place it is not.
    await tenant.mine();
    await until(() => running.troubles.includes('LEDGER_BEHIND'));
    // Else the same transactions in the same second would make the same blocks.
    await askNode(again, { method: 'evm_increaseTime', params: [1000] });
    await deployEvmTenant(again);
    await tenant.mine();
    // On a busy machine it may be asked in the moment in which it is as high as ours was and has no registry yet.
    expect(['EQUIVOCATION', 'WRONG_CHAIN']).toContain(await running.ended);
  });

  test('with another genesis block is refused', async () => {
    const { node, running } = await follower([]);
    await start({
      port: node.port,
      args: ['--gas-limit', '20000000'],
    });
    expect(await running.ended).toBe('WRONG_CHAIN');
  });

  test('with another chain id is refused', async () => {
    const { node, running } = await follower([]);
    await start({ port: node.port, args: ['--chain-id', '4711'] });
    expect(await running.ended).toBe('WRONG_CHAIN');
  });
});

describe('a ledger that is another than the anchor says', () => {
  test('is refused, whatever is asked of it', async () => {
    const node = await start();
    const tenant = await deployEvmTenant(node);
    const { anchor, accessManager } = tenant.deployed;
    const others = [
      { registry: accessManager },
      { registry: `0x${'11'.repeat(20)}` },
      { codeHash: bytes32Of(0x11) },
      { genesis: bytes32Of(0x11) },
      { chain: 'eip155:1' },
    ];
    for (const other of others) {
      const ledger = await openEvmLedger({ anchor: { ...anchor, ...other }, signer: tenant.keys.publisher });
      ledgers.push(ledger);
      const wrong = { code: 'WRONG_CHAIN' };
      await expect(ledger.identity()).rejects.toMatchObject(wrong);
      await expect(readBatchesOf(ledger)).rejects.toMatchObject(wrong);
      await expect(ledger.submit(proposalOf(1n))).rejects.toMatchObject(wrong);
      expect(await follow(ledger).ended).toBe('WRONG_CHAIN');
    }
  });

  test('is noticed without an anchor too, once it was another before', async () => {
    const node = await start();
    const tenant = await deployEvmTenant(node);
    const { registry } = tenant.deployed.anchor;
    const ledger = await openEvmLedger({ url: node.url, registry, confirmations: 0, maxBackoffMs: 50 });
    ledgers.push(ledger);
    await ledger.identity();
    await node.kill();
    await expect(ledger.head()).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    await start({ port: node.port, args: ['--chain-id', '4711'] });
    await expect(ledger.identity()).rejects.toMatchObject({ code: 'WRONG_CHAIN' });
  });
});

describe('a chain that is reorganised', () => {
  test('deeper than its confirmations is refused', async () => {
    const node = await start();
    const tenant = await deployEvmTenant(node);
    const writer = await open(tenant, 'publisher');
    const follower = follow(writer);
    await writer.submit(proposalOf(1n));
    await until(async () => follower.last?.height === (await headOf(node)));
    await askNode(node, { method: 'anvil_reorg', params: [1, []] });
    expect(await follower.ended).toBe('EQUIVOCATION');
  });

  test('less deep than its confirmations goes unnoticed', async () => {
    const node = await start();
    const tenant = await deployEvmTenant(node, { confirmations: 3 });
    const writer = await open(tenant, 'publisher');
    const follower = follow(writer);
    for (const version of [1n, 2n]) await submitMining(tenant, { ledger: writer, version });
    for (let round = 0; round < 3; round++) {
      await askNode(node, { method: 'anvil_reorg', params: [2, []] });
      for (let blocks = 0; blocks < 3; blocks++) await tenant.mine();
    }
    await submitMining(tenant, { ledger: writer, version: 3n });
    const all = await readEventsOf(await open(tenant));
    await until(() => follower.events.length >= all.length);
    expect(follower.events).toEqual(all);
    expect(follower.troubles).toEqual([]);
  });
});

describe('a node that hangs', () => {
  test('is given up, reported, and followed on when it wakes', async () => {
    const node = await start();
    const tenant = await deployEvmTenant(node, { requestTimeoutMs: 200, maxBackoffMs: 50 });
    const writer = await open(tenant, 'publisher');
    const follower = follow(await open(tenant));
    await until(() => follower.events.length > 0);
    node.pause();
    await until(() => follower.troubles.includes('LEDGER_UNAVAILABLE'));
    await expect(writer.submit(proposalOf(1n))).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    node.resume();
    await until(() =>
      writer.submit(proposalOf(2n)).then(
        () => true,
        () => false,
      ),
    );
    await until(() => follower.events.at(-1)?.type === 'configuration-proposed');
    const all = await readEventsOf(writer);
    await until(() => follower.events.length >= all.length);
    expect(follower.events).toEqual(all);
  });
});
