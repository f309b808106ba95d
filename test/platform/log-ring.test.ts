import { expect, test } from 'vitest';
import { createLog } from '../../platform/log.ts';
import { createLogRing } from '../../platform/log-ring.ts';

const tick = (ring: ReturnType<typeof createLogRing>) => createLog({ name: 'edge', level: 'info' }, ring);

test('keeps what the log writes, in order', () => {
  const ring = createLogRing();
  const log = tick(ring);
  log.info({ resource: 'greenfields/climate' }, 'first');
  log.warn('second');
  const { entries, dropped, last } = ring.after(0);
  expect(entries).toMatchObject([
    { seq: 1, msg: 'first', level: 30, resource: 'greenfields/climate' },
    { seq: 2, msg: 'second', level: 40 },
  ]);
  expect([dropped, last]).toEqual([0, 2]);
  expect(ring.after(1).entries).toMatchObject([{ msg: 'second' }]);
});

test('holds no more entries and bytes than it may, whatever comes', () => {
  const ring = createLogRing({ maxEntries: 100, maxBytes: 20_000, maxEntryBytes: 1000 });
  const log = tick(ring);
  for (let index = 0; index < 5000; index += 1) {
    log.info({ resource: 'greenfields/climate', source: 'script' }, 'x'.repeat(index));
  }
  const { entries, dropped, last } = ring.after(0);
  expect(entries.length).toBeLessThanOrEqual(100);
  expect(Buffer.byteLength(JSON.stringify(entries))).toBeLessThan(20_200);
  expect(entries.length).toBeGreaterThan(3);
  expect(last).toBe(5000);
  expect(dropped).toBe(5000 - entries.length);
  expect(entries.at(-1)).toMatchObject({ cut: true, resource: 'greenfields/climate', source: 'script' });
});

test('a script that floods pushes out its own lines, not those of the daemon and its neighbours', () => {
  const ring = createLogRing({ maxEntries: 200 });
  const log = tick(ring);
  log.warn({ resource: 'greenfields/climate' }, 'refused');
  log.info({ resource: 'greenfields/light', source: 'script' }, 'neighbour');
  for (let index = 0; index < 5000; index += 1) {
    log.info({ resource: 'greenfields/climate', source: 'script' }, `flood ${index}`);
  }
  const messages = ring.after(0).entries.map(({ msg }) => msg);
  expect(messages.slice(0, 2)).toEqual(['refused', 'neighbour']);
  expect(messages.at(-1)).toBe('flood 4999');
});

test('what is no entry is kept as text, cut', () => {
  const ring = createLogRing();
  ring.write('no json\n');
  ring.write(`{"level":"x","evil":"${'y'.repeat(1e6)}"}\n`);
  expect(ring.after(0).entries.map(({ msg }) => msg.length)).toEqual([7, 1024]);
});

test('tells of the next entry, and of the end of waiting', async () => {
  const ring = createLogRing();
  const waiting = new AbortController();
  const next = ring.next(0, waiting.signal);
  tick(ring).info('one');
  await next;
  await ring.next(0, waiting.signal);
  const over = ring.next(1, waiting.signal);
  waiting.abort();
  await over;
  await ring.next(1, waiting.signal);
});
