import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { join } from 'node:path';
import { openEvmLedger } from '../../../chain/evm/evm-ledger.ts';
import { openLocalAccount } from '../../../chain/evm/local-account.ts';
import { judgeReceipt } from '../../../cli/receipts/judge-receipt.ts';
import { readFacts } from '../../../cli/receipts/ledger-facts.ts';
import { groupIdOf } from '../../../core/ids.ts';
import type { Ledger } from '../../../core/ledger/ledger.ts';
import { signReceipt } from '../../../core/receipts/sign-receipt.ts';
import { verifyReceipt } from '../../../core/receipts/verify-receipt.ts';
import { verifyReceiptFile } from '../../../core/receipts/receipt-file.ts';
import { anchorReceipts } from '../../../dew/receipts/anchor-receipts.ts';
import { openReceiptStore } from '../../../dew/receipts/receipt-store.ts';
import { createBackoff } from '../../../platform/backoff.ts';
import { createLog } from '../../../platform/log.ts';
import { isSignedBy } from '../../../cli/is-signed-by.ts';
import { sleep } from '../../../platform/sleep.ts';
import { openStore } from '../../../platform/store/open-store.ts';
import { receiptOf } from '../../core/support/receipts.ts';
import { temporaryFolder } from '../../platform/temporary-folder.ts';
import { deployEvmTenant, type EvmTenant } from '../../support/evm-tenant.ts';
import { startHardhat, until, type DevNode } from '../../support/nodes.ts';

const everything = { resource: undefined, device: undefined, after: undefined, limit: 10 };
const group = groupIdOf({ tenant: 'greenfields', name: 'barn-7' });

let node: DevNode;
let tenant: EvmTenant;

beforeAll(async () => {
  node = await startHardhat();
  tenant = await deployEvmTenant(node);
});
afterAll(() => node.kill());

async function enrol(account: `0x${string}`): Promise<void> {
  const registrar = await tenant.openLedger('registrar');
  await registrar.submit({ type: 'enrol-device', account, kind: 'dew', group, profile: undefined });
  await registrar.close();
}

/** A dew's store with receipts of the device, and its anchoring through `ledger`. */
async function startAnchoring(ledger: Ledger, count: number) {
  const level = await openStore(join(temporaryFolder(), 'store'));
  const log = createLog({ name: 'test', level: 'silent' }, { write: () => undefined });
  const store = await openReceiptStore(level, { mostPerDevice: 100, log });
  const { account } = tenant.keys.device;
  const signMessage = (message: Uint8Array) => tenant.keys.device.signMessage(message);
  const { chain, genesis, registry } = tenant.deployed.anchor;
  for (let sequence = 1; sequence <= count; sequence += 1) {
    const receipt = receiptOf({
      event: 'stop',
      device: account,
      sequence,
      previous: undefined,
      ledger: { chain, genesis, registry },
    });
    const { envelope } = await signReceipt(receipt, signMessage);
    await store.take(verifyReceipt(envelope, { isSignedBy }));
  }
  const life = new AbortController();
  const anchoring = anchorReceipts({
    store,
    ledger,
    plan: { atReceipts: 1, afterMs: 100, most: 3 },
    backoff: createBackoff({ firstMs: 100, mostMs: 100, random: () => 0.5, sleep }),
    elapsedMs: () => performance.now(),
    log,
    signal: life.signal,
  });
  onTestFinished(async () => {
    life.abort();
    await anchoring.ended;
    await level.close();
    await ledger.close();
  });
  return { store, anchoring };
}

describe('receipts on an EVM chain', () => {
  test('are anchored batch by batch, and each verifies down to its block', async () => {
    await enrol(tenant.accounts.device);
    const { store } = await startAnchoring(await tenant.openLedger('device'), 5);
    await until(() => store.counts().pending === 0, { withinMs: 20_000, everyMs: 50 });
    const ledger = await tenant.openLedger();
    onTestFinished(() => ledger.close());
    const ground = { facts: await readFacts(ledger), anchor: tenant.deployed.anchor };
    const { receipts } = await store.list(everything);
    expect(receipts.map(({ inclusion }) => inclusion?.size)).toEqual([3, 3, 3, 2, 2]);
    for (const file of receipts) {
      const verified = verifyReceiptFile(file, { isSignedBy });
      expect(judgeReceipt(verified, { ...ground, inclusion: file.inclusion })?.block).toBeGreaterThan(0n);
    }
  });

  test('of a dew that is no device are not anchored, and it says so', async () => {
    const { anchoring } = await startAnchoring(await tenant.openLedger('stranger'), 1);
    await until(() => anchoring.status().trouble?.code === 'NOT_ENROLLED', { withinMs: 20_000, everyMs: 50 });
  });

  test('of a dew without coins are not anchored, and it says so', async () => {
    const poor = openLocalAccount(Buffer.alloc(32, 0x42));
    await enrol(poor.account);
    const { anchor } = tenant.deployed;
    const { anchoring, store } = await startAnchoring(await openEvmLedger({ anchor, signer: poor, pollMs: 20 }), 1);
    await until(() => anchoring.status().trouble !== null, { withinMs: 20_000, everyMs: 50 });
    expect(anchoring.status().trouble).toMatchObject({ code: 'LEDGER_REJECTED' });
    expect(anchoring.status().trouble?.message).toMatch(/fund|balance|coins/i);
    expect(store.counts().pending).toBe(1);
  });
});
