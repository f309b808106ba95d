import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DewproofError } from '../../../core/errors.ts';
import type { Ledger } from '../../../core/ledger/ledger.ts';
import { receiptDigestOf } from '../../../core/receipts/envelope.ts';
import { verifyInclusion } from '../../../core/receipts/inclusion.ts';
import { verifyReceipt } from '../../../core/receipts/verify-receipt.ts';
import { anchorReceipts, type AnchoringPlan } from '../../../dew/receipts/anchor-receipts.ts';
import { openReceiptStore } from '../../../dew/receipts/receipt-store.ts';
import { createBackoff } from '../../../platform/backoff.ts';
import { createLog } from '../../../platform/log.ts';
import { isSignedBy } from '../../../cli/is-signed-by.ts';
import { sleep } from '../../../platform/sleep.ts';
import { openStore } from '../../../platform/store/open-store.ts';
import { receiptOf, signed } from '../../core/support/receipts.ts';
import { eventually } from '../../edge/support/test-edge.ts';
import { temporaryFolder } from '../../platform/temporary-folder.ts';

type Submit = Ledger['submit'];
const submitted = {
  transaction: `0x${'00'.repeat(32)}`,
  block: { height: 1n, hash: `0x${'00'.repeat(32)}`, time: 0n },
} as const;

async function openTest() {
  const level = await openStore(join(temporaryFolder(), 'store'));
  const log = createLog({ name: 'test', level: 'silent' }, { write: () => undefined });
  const store = await openReceiptStore(level, { mostPerDevice: 100, log });
  onTestFinished(() => level.close());
  let [nowMs, looks] = [0, 0];
  const take = async (sequence: number) => {
    const { envelope } = await signed(receiptOf({ sequence, previous: undefined }));
    await store.take(verifyReceipt(envelope, { isSignedBy }));
  };
  const start = (submit: Submit, plan: Partial<AnchoringPlan> = {}) => {
    const life = new AbortController();
    const anchoring = anchorReceipts({
      store,
      ledger: { account: undefined, submit },
      plan: { atReceipts: 3, afterMs: 1000, most: 10, ...plan },
      backoff: createBackoff({ firstMs: 20, mostMs: 20, random: () => 0.5, sleep }),
      elapsedMs: () => {
        looks += 1;
        return nowMs;
      },
      log,
      signal: life.signal,
    });
    const stop = async () => {
      life.abort();
      await anchoring.ended;
    };
    onTestFinished(stop);
    return { ...anchoring, stop };
  };
  return { store, take, start, advance: (ms: number) => (nowMs += ms), looks: () => looks };
}

describe('a dew anchors', () => {
  test('once so many receipts wait', async () => {
    const { store, take, start } = await openTest();
    const roots: unknown[] = [];
    const anchoring = start(
      (command) => {
        roots.push(command);
        return Promise.resolve(submitted);
      },
      { afterMs: 20 },
    );
    for (const sequence of [1, 2]) await take(sequence);
    expect(roots).toEqual([]);
    await take(3);
    await eventually(() => {
      expect(store.counts().pending).toBe(0);
    });
    expect(roots).toHaveLength(1);
    const { receipts } = await store.list({ resource: undefined, device: undefined, after: undefined, limit: 10 });
    for (const { envelope, inclusion } of receipts) {
      if (inclusion === undefined) throw new TypeError('each has its proof');
      verifyInclusion(receiptDigestOf(envelope), inclusion);
      expect(roots).toEqual([{ type: 'anchor-receipts', root: inclusion.root, count: 3 }]);
    }
    expect(anchoring.status()).toMatchObject({ enabled: true, lastRoot: receipts[0]?.inclusion?.root, trouble: null });
  });

  test('but not as often as devices make receipts', async () => {
    const { store, take, start, advance, looks } = await openTest();
    for (const sequence of [1, 2, 3, 4, 5, 6]) await take(sequence);
    start(() => Promise.resolve(submitted), { afterMs: 20, most: 3 });
    await eventually(() => {
      expect(store.counts().pending).toBe(3);
    });
    const before = looks();
    await eventually(() => {
      expect(looks()).toBeGreaterThan(before + 6);
    });
    expect(store.counts().pending).toBe(3);
    advance(20);
    await eventually(() => {
      expect(store.counts().pending).toBe(0);
    });
  });

  test('once the first has waited so long', async () => {
    const { store, take, start, advance } = await openTest();
    await take(1);
    let count = 0;
    start(
      () => {
        count += 1;
        return Promise.resolve(submitted);
      },
      { afterMs: 50 },
    );
    await eventually(() => {
      advance(10);
      expect(store.counts().pending).toBe(0);
    });
    expect(count).toBe(1);
  });

  test.each([
    ['LEDGER_REJECTED', 'insufficient funds'],
    ['NOT_ENROLLED', 'only a device anchors'],
    ['KEY_MISSING', 'opened to read'],
    ['LEDGER_UNAVAILABLE', 'the node is gone'],
  ] as const)('tells its trouble (%s), keeps the batch as it is and goes on when it can', async (code, message) => {
    const { store, take, start } = await openTest();
    for (const sequence of [1, 2, 3]) await take(sequence);
    const roots = new Set<string>();
    let isTroubled = true;
    const anchoring = start((command) => {
      if (command.type === 'anchor-receipts') roots.add(command.root);
      return isTroubled ? Promise.reject(new DewproofError(code, message)) : Promise.resolve(submitted);
    });
    await eventually(() => {
      expect(anchoring.status().trouble).toEqual({ code, message });
    });
    await take(4);
    isTroubled = false;
    await eventually(() => {
      expect(store.counts().pending).toBe(1);
    });
    expect(roots.size).toBe(1);
    expect(anchoring.status().trouble).toBeNull();
  });

  test('a root that is there already, whoever brought it: an earlier try, or somebody else', async () => {
    const { store, take, start } = await openTest();
    for (const sequence of [1, 2, 3]) await take(sequence);
    start(() => Promise.reject(new DewproofError('ALREADY_ANCHORED', 'it is there')));
    await eventually(() => {
      expect(store.counts().pending).toBe(0);
    });
  });

  test('after a power cut the very batch that was under way, before its time', async () => {
    const { store, take, start } = await openTest();
    await take(1);
    const cut = await store.beginBatch(10);
    await take(2);
    const roots: string[] = [];
    start((command) => {
      if (command.type === 'anchor-receipts') roots.push(command.root);
      return Promise.resolve(submitted);
    });
    await eventually(() => {
      expect(store.counts().pending).toBe(1);
    });
    expect(roots).toEqual([cut?.root]);
  });

  test('without holding up the end of a dew whose ledger does not answer', async () => {
    const { store, take, start } = await openTest();
    for (const sequence of [1, 2, 3]) await take(sequence);
    let isAsked = false;
    const anchoring = start(() => {
      isAsked = true;
      return new Promise(() => undefined);
    });
    await eventually(() => {
      expect(isAsked).toBe(true);
    });
    await anchoring.stop();
    expect(await store.isBatchUnderWay()).toBe(true);
  });
});
