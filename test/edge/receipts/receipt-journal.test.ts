import { describe, expect, onTestFinished, test } from 'vitest';
import { DewproofError } from '../../../core/errors.ts';
import type { Envelope } from '../../../core/receipts/envelope.ts';
import { verifyReceipt } from '../../../core/receipts/verify-receipt.ts';
import type { ReceiptsAnswer } from '../../../core/wire/receipts.ts';
import { createRefusals } from '../../../edge/refusals.ts';
import type { Happening } from '../../../edge/receipts/happening.ts';
import type { PostReceipts } from '../../../edge/receipts/post-receipts.ts';
import { createReceiptJournal } from '../../../edge/receipts/receipt-journal.ts';
import { openReceiptLog, type ReceiptLog } from '../../../edge/receipts/receipt-log.ts';
import { sendReceipts } from '../../../edge/receipts/send-receipts.ts';
import { receiptDigestOf } from '../../../core/receipts/envelope.ts';
import { createBackoff } from '../../../platform/backoff.ts';
import { isSignedBy } from '../../../cli/is-signed-by.ts';
import { sleep } from '../../../platform/sleep.ts';
import type { Sublevel } from '../../../platform/store/open-store.ts';
import { walletOf } from '../../platform/wallets.ts';
import { eventually, quietLog } from '../support/test-edge.ts';
import { openTestLevel } from '../support/test-store.ts';

const { account, signMessage } = walletOf(1);
const DOCUMENT = { version: 1n, digest: `sha256:${'ef'.repeat(32)}` } as const;

function happening(event: Happening['event'], changed: Partial<Happening> = {}): Happening {
  const code = event === 'refusal' || event === 'rollback' ? 'REVOKED' : undefined;
  return { event, tenant: 'greenfields', name: 'climate', document: DOCUMENT, code, head: undefined, ...changed };
}

type Append = ReceiptLog['append'];

/** A journal and sender on a disk and with a dew that do as the test says. */
async function start({
  level,
  append = (write, made) => write(made),
  post,
}: {
  level: Sublevel;
  append?: (write: Append, made: Parameters<Append>[0]) => Promise<void>;
  post: PostReceipts;
}) {
  const refusals = createRefusals({ clock: Date.now, log: quietLog() });
  const life = new AbortController();
  const backoff = () => createBackoff({ firstMs: 20, mostMs: 20, random: () => 0.5, sleep });
  const shared = { backoff: backoff(), refusals, elapsedMs: () => performance.now() };
  const journal = createReceiptJournal({
    ...shared,
    account,
    ledger: { chain: 'eip155:1', genesis: `0x${'0e'.repeat(32)}`, registry: '0x01' },
    sign: signMessage,
    openLog: async () => {
      const log = await openReceiptLog(level, { most: 100, freshSequence: () => 1 });
      return { ...log, append: (made) => append((some) => log.append(some), made) };
    },
    clock: Date.now,
    onStored: () => {
      sender.wake();
    },
  });
  const sender = sendReceipts({ ...shared, log: journal.log, post, backoff: backoff(), signal: life.signal });
  await journal.load();
  const close = async () => {
    life.abort();
    await Promise.all([journal.close(), sender.ended]);
  };
  onTestFinished(close);
  const codes = () => refusals.list().map(({ code }) => code);
  return { journal, codes, close };
}

/** A dew that takes everything, and what left the device for it. */
function openDew() {
  const left: Envelope[] = [];
  const taken = new Map<number, string>();
  const post: PostReceipts = (envelopes) => {
    left.push(...envelopes);
    for (const envelope of envelopes) {
      taken.set(verifyReceipt(envelope, { isSignedBy }).receipt.sequence, receiptDigestOf(envelope));
    }
    return Promise.resolve({ taken: envelopes.map(receiptDigestOf), refused: [], anchoredTo: null });
  };
  const receipts = () =>
    [...new Map(left.map((one) => [receiptDigestOf(one), one])).values()].map((one) =>
      verifyReceipt(one, { isSignedBy }),
    );
  return { left, taken, post, receipts };
}

describe('the journal', () => {
  test('signs what happens, one receipt after the other', async () => {
    const dew = openDew();
    const { journal } = await start({ level: await openTestLevel(), post: dew.post });
    journal.note(happening('start'));
    journal.note(happening('stop'));
    await eventually(() => {
      expect(dew.taken.size).toBe(2);
    });
    const [first, second] = dew.receipts();
    expect(first?.receipt).toMatchObject({ event: 'start', sequence: 1, previous: undefined, device: account });
    expect(second?.receipt).toMatchObject({ event: 'stop', sequence: 2, previous: first?.digest });
    await eventually(() => {
      expect(journal.status()).toEqual({ kept: 2, unsent: 0, newest: 2, waiting: 0, lost: 0, trouble: null });
    });
  });

  test('counts refusals of one cause', async () => {
    const dew = openDew();
    const { journal, close } = await start({ level: await openTestLevel(), post: dew.post });
    for (let index = 0; index < 100; index += 1) journal.note(happening('refusal'));
    await eventually(() => {
      expect(dew.receipts().map(({ receipt }) => receipt.count)).toEqual([1]);
    });
    await close();
    expect(journal.log()?.counts().kept).toBe(2);
  });

  test('waits with a full disk, tells it, and goes on: nothing leaves the device meanwhile', async () => {
    const dew = openDew();
    let isFull = true;
    const { journal, codes } = await start({
      level: await openTestLevel(),
      append: (write, made) => {
        if (isFull) return Promise.reject(new DewproofError('DISK_FULL', 'No room.'));
        return write(made);
      },
      post: dew.post,
    });
    journal.note(happening('start'));
    await eventually(() => {
      expect(codes()).toEqual(['DISK_FULL']);
    });
    expect(journal.status()).toMatchObject({ waiting: 1, trouble: 'DISK_FULL' });
    expect(dew.left).toEqual([]);
    isFull = false;
    await eventually(() => {
      expect(dew.taken.size).toBe(1);
    });
    expect(journal.status()).toMatchObject({ waiting: 0, lost: 0, trouble: null });
  });

  test('loses the oldest where the disk is full for long: a gap in the sequence tells how many', async () => {
    const dew = openDew();
    let isFull = true;
    const { journal } = await start({
      level: await openTestLevel(),
      append: (write, made) => (isFull ? Promise.reject(new DewproofError('DISK_FULL', 'No room.')) : write(made)),
      post: dew.post,
    });
    for (let index = 0; index < 1010; index += 1) journal.note(happening('start'));
    await eventually(() => {
      expect(journal.status()).toMatchObject({ waiting: 1000, lost: 10 });
    });
    isFull = false;
    await eventually(() => {
      expect(dew.receipts()[0]?.receipt.sequence).toBe(11);
    });
  });

  test('a signer that fails keeps the device from nothing', async () => {
    const dew = openDew();
    const level = await openTestLevel();
    const { journal, codes } = await start({
      level,
      append: () => Promise.reject(new TypeError('a defect')),
      post: dew.post,
    });
    journal.note(happening('start'));
    await eventually(() => {
      expect(codes()).toEqual(['INTERNAL']);
    });
  });
});

describe('a power cut', () => {
  test.each(['before', 'after'] as const)(
    '%s any write lets no number leave the device for two receipts',
    async (moment) => {
      for (let at = 1; at <= 4; at += 1) {
        const level = await openTestLevel();
        const dew = openDew();
        let writes = 0;
        const isCut = () => writes >= at;
        const first = await start({
          level,
          append: async (write, made) => {
            writes += 1;
            if (writes < at) return write(made);
            if (writes === at && moment === 'after') await write(made);
            throw new DewproofError('STORE_CORRUPT', 'The power is gone.');
          },
          // Nothing leaves a device without power, and nothing of what a dew answers reaches it.
          post: async (envelopes, signal) => {
            if (isCut()) throw new DewproofError('DEW_UNAVAILABLE', 'The power is gone.');
            await dew.post(envelopes, signal);
            throw new DewproofError('DEW_UNAVAILABLE', 'The answer is lost.');
          },
        });
        for (let index = 1; index <= at; index += 1) {
          first.journal.note(happening('start', { name: `before-${index}` }));
          await eventually(() => {
            expect(isCut() || first.journal.status().waiting === 0).toBe(true);
          });
        }
        await first.close();

        const second = await start({ level, post: dew.post });
        second.journal.note(happening('start', { name: 'after' }));
        await eventually(() => {
          expect(dew.receipts().some(({ receipt }) => receipt.name === 'after')).toBe(true);
        });
        const digests = new Map<number, string>();
        for (const { receipt, digest } of dew.receipts()) {
          expect(digests.get(receipt.sequence) ?? digest).toBe(digest);
          digests.set(receipt.sequence, digest);
        }
        const ordered = dew.receipts().toSorted((a, b) => a.receipt.sequence - b.receipt.sequence);
        expect(ordered.length).toBe(moment === 'after' ? at + 1 : at);
        ordered.forEach(({ receipt }, index) => {
          expect(receipt.previous).toBe(ordered[index - 1]?.digest);
        });
        await second.close();
      }
    },
  );
});

describe('a hostile dew', () => {
  async function withAnswers(answer: (envelopes: readonly Envelope[]) => ReceiptsAnswer) {
    let asked = 0;
    const post: PostReceipts = (envelopes) => {
      asked += 1;
      return Promise.resolve(answer(envelopes));
    };
    const started = await start({ level: await openTestLevel(), post });
    started.journal.note(happening('start'));
    return { ...started, asked: () => asked };
  }

  test('that acknowledges what it was not sent changes nothing', async () => {
    const { journal, codes } = await withAnswers(() => ({
      taken: [`sha256:${'00'.repeat(32)}`],
      refused: [],
      anchoredTo: 9,
    }));
    await eventually(() => {
      expect(codes()).toContain('DEW_UNAVAILABLE');
    });
    expect(journal.status()).toMatchObject({ kept: 1, unsent: 1 });
  });

  test('that says nothing of what it was sent is asked again, ever less often', async () => {
    const { codes, asked } = await withAnswers(() => ({ taken: [], refused: [], anchoredTo: null }));
    await eventually(() => {
      expect(asked()).toBeGreaterThan(2);
    });
    expect(codes()).toEqual(['DEW_UNAVAILABLE']);
  });

  test('that refuses what is right does not make the device forget it, nor send it at once again', async () => {
    const { journal, codes, asked } = await withAnswers((envelopes) => ({
      taken: [],
      refused: envelopes.map((one) => ({ digest: receiptDigestOf(one), code: 'EQUIVOCATION' as const })),
      anchoredTo: null,
    }));
    await eventually(() => {
      expect(codes()).toEqual(['EQUIVOCATION']);
    });
    journal.note(happening('stop'));
    await eventually(() => {
      expect(asked()).toBe(2);
    });
    expect(journal.status()).toMatchObject({ kept: 2, unsent: 2 });
  });

  test('that claims that all is anchored is believed of what it took, and nothing is dropped for it', async () => {
    const { journal } = await withAnswers((envelopes) => ({
      taken: envelopes.map(receiptDigestOf),
      refused: [],
      anchoredTo: Number.MAX_SAFE_INTEGER,
    }));
    await eventually(() => {
      expect(journal.status()).toMatchObject({ kept: 1, unsent: 0 });
      expect(journal.log()?.taken()).toEqual([]);
    });
  });
});
