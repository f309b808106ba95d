import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEdgeStore } from '../../edge/store/edge-store.ts';
import { sublevelOf, type Store } from '../../platform/store/open-store.ts';
import { createSite } from './support/site.ts';
import { startTestDew } from './support/test-dew.ts';
import { eventually, startTestAgent } from './support/test-edge.ts';
import { createTestRuntime } from './support/test-hosts.ts';
import { openTestStore } from './support/test-store.ts';

const parts = ['bundles', 'contents', 'records'] as const;

/** Flips one bit of one stored value, as a decaying disk or an attacker with the disk in hand does. */
async function flipBit(
  store: Store,
  part: (typeof parts)[number],
  place: { key: number; bit: number },
): Promise<string> {
  const bytes = store.sublevel<string, Buffer>(part, { valueEncoding: 'buffer' });
  const entries = await bytes.iterator().all();
  const [key, value] = entries[place.key % entries.length] ?? ['none', Buffer.alloc(1)];
  const at = place.bit % (value.length * 8);
  const changed = Buffer.from(value);
  changed.writeUInt8(changed.readUInt8(at >> 3) ^ (1 << (at & 7)), at >> 3);
  await bytes.put(key, changed);
  return key;
}

async function setUp() {
  const site = await createSite();
  const dew = await startTestDew(site);
  await site.publish('climate', { inputs: [{ id: 'temperature', mqtt: { topic: '{binding}' } }] });
  await site.publish('light');
  await site.bind({ temperature: 'here/temperature' });
  dew.assign('climate', 'light');
  const runtime = createTestRuntime();
  const database = await openTestStore();
  const store = createEdgeStore(database);
  const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts: { views: runtime.start }, store });
  await eventually(() => {
    expect([agent.stateOf('climate'), agent.stateOf('light')]).toEqual(['RUNNING', 'RUNNING']);
  });
  return { site, dew, runtime, database, store, agent };
}

describe('what the disk holds is not believed', () => {
  test('any flipped bit of a document, a profile, a bundle or a record is refused with its code, and mended', async () => {
    const { agent, database, runtime } = await setUp();
    expect((await agent.verify()).refusals).toEqual([]);
    const before = [...runtime.journal];
    const expected = { bundles: 'PROOF_INVALID', contents: 'DIGEST_MISMATCH', records: 'STORE_CORRUPT' } as const;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...parts), fc.nat(), fc.nat(), async (part, key, bit) => {
        // Once more where mending what was found before overtook us.
        const refusals = await eventually(async () => {
          await flipBit(database, part, { key, bit });
          const report = await agent.verify();
          expect(report.refusals.map(({ code }) => code)).toContain(expected[part]);
          return report.refusals;
        });
        expect(new Set(refusals.map(({ code }) => code)).size).toBe(1);
        expect(runtime.journal).toEqual(before);
        await eventually(async () => {
          expect((await agent.verify()).refusals).toEqual([]);
        });
      }),
      { numRuns: 60 },
    );
    expect(runtime.journal).toEqual(before);
  });

  test('a document that was changed while the device was off is fetched again before anything starts', async () => {
    const { site, dew, agent, database, store } = await setUp();
    await agent.close();
    for (const key of [0, 1, 2]) await flipBit(database, 'contents', { key, bit: 400 });
    const runtime = createTestRuntime();
    dew.attack = ({ response }) => {
      response.destroy();
      return true;
    };
    const booted = await startTestAgent(site, { dewUrls: [dew.url], hosts: { views: runtime.start }, store });
    await eventually(() => {
      expect(booted.codes('store')).toEqual(['DIGEST_MISMATCH']);
      expect(booted.codes('greenfields/climate')).toEqual(['DEW_UNAVAILABLE']);
    });
    expect(runtime.journal).toEqual([]);
    dew.attack = undefined;
    await eventually(() => {
      expect([booted.stateOf('climate'), booted.stateOf('light')]).toEqual(['RUNNING', 'RUNNING']);
    });
  });

  test('records that decayed while the device was off cost what they said, and nothing else', async () => {
    const { site, dew, agent, database, store } = await setUp();
    await agent.close();
    const records = sublevelOf(database, 'records');
    for (const key of await records.keys().all()) if (key.startsWith('committed/')) await records.put(key, 'gone');
    const runtime = createTestRuntime();
    const booted = await startTestAgent(site, { dewUrls: [dew.url], hosts: { views: runtime.start }, store });
    await eventually(() => {
      expect([booted.stateOf('climate'), booted.stateOf('light')]).toEqual(['RUNNING', 'RUNNING']);
    });
    expect((await booted.verify()).refusals).toEqual([]);
  });
});
