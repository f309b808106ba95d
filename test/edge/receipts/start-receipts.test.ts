import { expect, onTestFinished, test } from 'vitest';
import type { Envelope } from '../../../core/receipts/envelope.ts';
import { verifyReceipt } from '../../../core/receipts/verify-receipt.ts';
import { startReceipts } from '../../../edge/receipts/start-receipts.ts';
import { createRefusals } from '../../../edge/refusals.ts';
import { isSignedBy } from '../../../cli/is-signed-by.ts';
import { openRecord } from '../../../platform/store/checked-record.ts';
import { sublevelOf } from '../../../platform/store/open-store.ts';
import { createSite, statePorts } from '../support/site.ts';
import { startTestDew } from '../support/test-dew.ts';
import { eventually, quietLog } from '../support/test-edge.ts';
import { openTestStore } from '../support/test-store.ts';

const clocks = [Number.MAX_SAFE_INTEGER, 0, -1e15];

test.each(clocks)('a clock at %d keeps no receipt from being made, sent and read', async (nowMs) => {
  const site = await createSite();
  const dew = await startTestDew(site);
  const database = await openTestStore();
  const receipts = startReceipts({
    ...statePorts(site),
    urls: [dew.url],
    database,
    clock: () => nowMs,
    random: () => 0.05,
    refusals: createRefusals({ clock: Date.now, log: quietLog() }),
  });
  onTestFinished(receipts.close);
  const document = { version: 1n, digest: `sha256:${'ef'.repeat(32)}` } as const;
  const of = { tenant: 'greenfields', name: 'climate', document, code: undefined, head: undefined };
  receipts.sink.note({ event: 'start', ...of });
  await eventually(() => {
    expect(receipts.status()).toMatchObject({ kept: 1, unsent: 0 });
  });
  const [record = ''] = await sublevelOf(database, 'receipts').values({ gt: 'receipt/', limit: 1 }).all();
  const { envelope } = JSON.parse(openRecord(record)) as { envelope: Envelope };
  expect(verifyReceipt(envelope, { isSignedBy }).receipt).toMatchObject({ event: 'start', name: 'climate' });
});
