import { describe, expect, test } from 'vitest';
import type { EventBatch } from '../../core/ledger/events.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import type { BlockRef } from '../../core/ledger/records.ts';
import { bytes32Of, digestOfByte } from './command-arbitrary.ts';
import { readBatchesOf, readEventsOf } from './read-ledger.ts';
import type { LedgerFactory, TestTenant } from './test-tenant.ts';
import { useTenant } from './use-tenant.ts';

/** Reading: whole, once, in order, from anywhere; following; ending. */
export function testEvents(factory: LedgerFactory): void {
  describe('events', () => {
    const use = useTenant(factory);

    const propose = async (ledger: Ledger, version: bigint): Promise<void> => {
      const proposal = { resource: bytes32Of(0xa1), version, digest: digestOfByte(0xc1), group: bytes32Of(0xb1) };
      await ledger.submit({ type: 'propose', proposals: [proposal] });
    };

    const openWithHistory = async (): Promise<{ tenant: TestTenant; ledger: Ledger }> => {
      const tenant = await use();
      const ledger = await tenant.openLedger('publisher');
      for (const version of [1n, 2n, 3n]) await propose(ledger, version);
      await tenant.mine();
      for (const version of [4n, 5n]) await propose(ledger, version);
      return { tenant, ledger };
    };

    test('resume after any block, none lost and none twice', async () => {
      const { ledger } = await openWithHistory();
      const whole = await readBatchesOf(ledger);
      const events = whole.flatMap((batch) => batch.events);
      for (const { block } of whole) {
        const before = events.filter(({ at }) => at.height <= block.height);
        expect([...before, ...(await readEventsOf(ledger, block))]).toEqual(events);
      }
      await ledger.close();
    });

    test('stand in one order, at the time of their block, within the batch of their block', async () => {
      const { ledger } = await openWithHistory();
      let height = -1n;
      for (const { block, events } of await readBatchesOf(ledger)) {
        let last = { height, index: Infinity };
        for (const { at } of events) {
          expect(at.height > last.height || (at.height === last.height && at.index > last.index)).toBe(true);
          expect(at.height).toBeLessThanOrEqual(block.height);
          if (at.height === block.height) expect(at.time).toBe(block.time);
          last = at;
        }
        expect(block.height).toBeGreaterThan(height);
        height = block.height;
      }
      expect(height).toBe((await ledger.head()).height);
      await ledger.close();
    });

    test('end at the head seen when called, with or without news', async () => {
      const { tenant, ledger } = await openWithHistory();
      const head = await ledger.head();
      expect(await readBatchesOf(ledger, head)).toEqual([]);
      await tenant.mine();
      const [batch, ...more] = await readBatchesOf(ledger, head);
      expect(more).toEqual([]);
      expect(batch).toEqual({ block: await ledger.head(), events: [] });
      await ledger.close();
    });

    test('follow: what is there first, then what comes', async () => {
      const { ledger } = await openWithHistory();
      const known = (await readEventsOf(ledger)).length;
      const ending = new AbortController();
      const seen: EventBatch['events'][number][] = [];
      // The event may be seen before `submit` answers: both are awaited before the ledger is closed.
      const proposals: Promise<unknown>[] = [];
      for await (const { events } of ledger.events({ after: undefined, follow: true, signal: ending.signal })) {
        seen.push(...events);
        if (seen.length === known) proposals.push(propose(ledger, 6n));
        if (seen.length === known + 1) proposals.push(propose(ledger, 7n));
        if (seen.length === known + 2) ending.abort();
      }
      await Promise.all(proposals);
      expect(seen).toEqual(await readEventsOf(ledger));
      await ledger.close();
    });

    test('end when aborted: before, while waiting, and with the ledger', async () => {
      const { ledger } = await openWithHistory();
      const after = await ledger.head();
      const next = (signal: AbortSignal) => readNext(ledger, { after, signal });
      expect(await next(AbortSignal.abort())).toBeUndefined();
      const ending = new AbortController();
      const waiting = next(ending.signal);
      setImmediate(() => {
        ending.abort();
      });
      expect(await waiting).toBeUndefined();
      const closing = next(new AbortController().signal);
      await ledger.close();
      expect(await closing).toBeUndefined();
    });

    test('of another history than the one known are refused', async () => {
      const { ledger } = await openWithHistory();
      const head = await ledger.head();
      const after = { ...head, hash: bytes32Of(0xff) };
      await expect(readBatchesOf(ledger, after)).rejects.toMatchObject({ code: 'EQUIVOCATION' });
      const following = ledger.events({ after, follow: true, signal: new AbortController().signal });
      await expect(following[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'EQUIVOCATION' });
      await ledger.close();
    });

    test('of a ledger that is behind are waited for', async () => {
      const { ledger } = await openWithHistory();
      const head = await ledger.head();
      const after = { ...head, height: head.height + 1000n, hash: bytes32Of(0xff) };
      await expect(readBatchesOf(ledger, after)).rejects.toMatchObject({ code: 'LEDGER_BEHIND' });
      const troubles: Error[] = [];
      const ending = new AbortController();
      const onTrouble = (error: Error): void => {
        troubles.push(error);
        ending.abort();
      };
      for await (const batch of ledger.events({ after, follow: true, signal: ending.signal, onTrouble })) {
        expect(batch).toBeUndefined();
      }
      expect(troubles).toMatchObject([{ code: 'LEDGER_BEHIND' }]);
      await ledger.close();
    });

    test('are not had from a closed ledger, nor is anything taken up', async () => {
      const { ledger } = await openWithHistory();
      await ledger.close();
      await expect(ledger.head()).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
      await expect(propose(ledger, 6n)).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    });
  });
}

async function readNext(
  ledger: Ledger,
  { after, signal }: { readonly after: BlockRef; readonly signal: AbortSignal },
): Promise<EventBatch | undefined> {
  for await (const batch of ledger.events({ after, follow: true, signal })) return batch;
  return undefined;
}
