import { afterEach, expect, test } from 'vitest';
import { bytes32Of, digestOfByte } from '../../../chain/conformance/command-arbitrary.ts';
import { deriveSealKey } from '../../../chain/light/derive-seal-key.ts';
import { createRpcStateSource, openRpcState } from '../../../chain/light/rpc-state.ts';
import { hasCode } from '../../../core/errors.ts';
import { deployEvmTenant, type EvmTenant } from '../../support/evm-tenant.ts';
import { askNode, startAnvil, until, type DevNode } from '../../support/nodes.ts';

const group = bytes32Of(0xb1);
const resource = bytes32Of(0xa1);
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(port = 0): Promise<DevNode> {
  const node = await startAnvil({ port, args: ['--accounts', '20', '--timestamp', '1700000000'] });
  cleanups.push(() => node.kill());
  return node;
}

async function activate(tenant: EvmTenant, version: bigint): Promise<void> {
  const ledger = await tenant.openLedger('publisher');
  await ledger.submit({ type: 'propose', proposals: [{ resource, version, digest: digestOfByte(0xc1), group }] });
  await ledger.close();
}

async function watch(tenant: EvmTenant, known?: Uint8Array) {
  const { privateKey, account } = tenant.keys.device;
  const sealKey = deriveSealKey({ privateKey });
  const ledger = await tenant.openLedger();
  const troubles: (string | undefined)[] = [];
  const ending = new AbortController();
  const source = createRpcStateSource({ ledger, account, sealKey });
  cleanups.push(() => ledger.close());
  const bundles = source
    .watch({
      known,
      signal: ending.signal,
      onTrouble: (error) => troubles.push(hasCode(error) ? error.code : undefined),
    })
    [Symbol.asyncIterator]();
  const next = async () => {
    const result = await bundles.next();
    if (result.done) throw new Error('the watch ended');
    return { bundle: result.value, state: openRpcState(sealKey)(result.value, tenant.deployed.anchor, 0n) };
  };
  const stop = () => {
    ending.abort();
  };
  return { next, troubles, stop };
}

test('a device follows a real chain: enrolment, versions, an outage, a restart of its own', async () => {
  const node = await start();
  const tenant = await deployEvmTenant(node, { approvalThreshold: 0, requestTimeoutMs: 300, maxBackoffMs: 50 });
  await activate(tenant, 1n);
  const first = await watch(tenant);
  const stranger = (await first.next()).state;
  expect(stranger.device(tenant.accounts.device)).toBeUndefined();
  expect(stranger.identity).toEqual(await (await tenant.openLedger()).identity());

  const registrar = await tenant.openLedger('registrar');
  const enrolled = first.next();
  const account = tenant.accounts.device;
  await registrar.submit({ type: 'enrol-device', account, kind: 'edge', group, profile: undefined });
  expect((await enrolled).state.resourcesOf(group)).toEqual([resource]);
  await registrar.close();

  node.pause();
  const after = first.next();
  await until(() => first.troubles.includes('LEDGER_UNAVAILABLE'));
  node.resume();
  await activate(tenant, 2n);
  const { bundle, state } = await after;
  expect(state.record(resource)?.version).toBe(2n);
  first.stop();

  await activate(tenant, 3n);
  const second = await watch(tenant, bundle);
  expect((await second.next()).state.record(resource)?.version).toBe(3n);
  second.stop();
});

test('a device that knows a block refuses a chain without it', async () => {
  const node = await start();
  const tenant = await deployEvmTenant(node, { approvalThreshold: 0, maxBackoffMs: 50 });
  const first = await watch(tenant);
  const { bundle } = await first.next();
  first.stop();
  await node.kill();
  const other = await start(node.port);
  await askNode(other, { method: 'evm_increaseTime', params: [1000] });
  const again = await deployEvmTenant(other, { approvalThreshold: 0 });
  expect(again.deployed.anchor).toEqual(tenant.deployed.anchor);
  await activate(again, 1n);
  await expect((await watch(tenant, bundle)).next()).rejects.toMatchObject({ code: 'EQUIVOCATION' });
});
