import { describe, expect, test } from 'vitest';
import type { ServerResponse } from 'node:http';
import { createSite, TENANT } from './support/site.ts';
import { startTestDew, type Attack } from './support/test-dew.ts';
import { eventually, startTestAgent } from './support/test-edge.ts';
import { createTestRuntime } from './support/test-hosts.ts';

/** An attack on documents alone: the dew must be asked for something before it can lie. */
function onDocuments(answer: (response: ServerResponse, path: string) => void): Attack {
  return ({ path, response }) => {
    if (!path.startsWith('/v1/documents/')) return false;
    answer(response, path);
    return true;
  };
}

async function setUp() {
  const site = await createSite();
  const dew = await startTestDew(site);
  const published = await site.publish('climate');
  dew.assign('climate');
  const runtime = createTestRuntime();
  return { site, dew, published, runtime, hosts: { views: runtime.start } };
}

describe('a dew in the hands of an attacker', () => {
  test('tampers with a document: nothing of it starts, and the right one does once it comes', async () => {
    const { site, dew, published, runtime, hosts } = await setUp();
    dew.attack = onDocuments((response) => {
      const bytes = Buffer.from(published.bytes);
      bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100);
      response.end(bytes);
    });
    const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts });
    await eventually(() => {
      expect(agent.codes('greenfields/climate')).toEqual(['DIGEST_MISMATCH']);
    });
    expect(await agent.store.digests('contents')).toEqual([]);
    expect(runtime.journal).toEqual([]);
    dew.attack = undefined;
    await eventually(() => {
      expect(agent.stateOf('climate')).toBe('RUNNING');
    });
  });

  test('hands out an older version in place of the new one: the running one goes on', async () => {
    const { site, dew, published, runtime, hosts } = await setUp();
    const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts });
    await eventually(() => {
      expect(agent.stateOf('climate')).toBe('RUNNING');
    });
    dew.attack = onDocuments((response) => {
      response.end(published.bytes);
    });
    await site.publish('climate', { version: 2 });
    await eventually(() => {
      expect(agent.codes('greenfields/climate')).toEqual(['DIGEST_MISMATCH']);
    });
    expect(runtime.journal).toEqual(['start climate@1', 'take-over climate@1']);
  });

  test('hands out the document of another resource', async () => {
    const { site, dew, hosts } = await setUp();
    const other = await site.publish('pump');
    dew.attack = onDocuments((response) => {
      response.end(other.bytes);
    });
    const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts });
    await eventually(() => {
      expect(agent.codes('greenfields/climate')).toEqual(['DIGEST_MISMATCH']);
    });
  });

  test("an approved record over another resource's document is still the wrong resource", async () => {
    const { site, dew, published, runtime, hosts } = await setUp();
    await site.propose('light', { version: 1, digest: published.digest });
    dew.assign('light');
    const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts });
    await eventually(() => {
      expect(agent.codes('greenfields/light')).toEqual(['WRONG_RESOURCE']);
    });
    expect(runtime.journal).toEqual([]);
  });

  test('an approved record over another version of the document is a mix', async () => {
    const { site, dew, published, runtime, hosts } = await setUp();
    await site.propose('climate', { version: 7, digest: published.digest });
    const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts });
    await eventually(() => {
      expect(agent.codes('greenfields/climate')).toEqual(['MIX_AND_MATCH']);
    });
    expect(runtime.journal).toEqual([]);
  });

  test('sends without end: memory stays small', async () => {
    const { site, dew, hosts } = await setUp();
    let sent = 0;
    dew.attack = onDocuments((response) => {
      const chunk = Buffer.alloc(65_536, 0x20);
      const send = () => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length;
      };
      response.on('drain', send);
      send();
    });
    const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts });
    await eventually(() => {
      expect(agent.codes('greenfields/climate')).toEqual(['ENDLESS_DATA']);
    });
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  test('drips bytes: it is given up, and another dew helps', async () => {
    const { site, dew, hosts } = await setUp();
    dew.attack = onDocuments((response) => {
      const timer = setInterval(() => response.write(' '), 100);
      response.on('close', () => {
        clearInterval(timer);
      });
    });
    const good = await startTestDew(site);
    good.assign('climate');
    const agent = await startTestAgent(site, { dewUrls: [dew.url, good.url], hosts });
    await eventually(() => {
      expect(agent.stateOf('climate')).toBe('RUNNING');
    });
    expect(agent.codes(dew.url)).toEqual(['SLOW_RETRIEVAL']);
    expect(agent.codes('greenfields/climate')).toEqual([]);
  });

  test('one bad dew among good ones can not poison what is kept', async () => {
    const { site, dew, published, hosts } = await setUp();
    dew.attack = onDocuments((response) => {
      response.end('{}');
    });
    const good = await startTestDew(site);
    const agent = await startTestAgent(site, { dewUrls: [dew.url, good.url], hosts });
    await eventually(() => {
      expect(agent.stateOf('climate')).toBe('RUNNING');
    });
    expect(agent.codes(dew.url)).toEqual(['DIGEST_MISMATCH']);
    expect(await agent.store.digests('contents')).toEqual([published.digest]);
  });

  test.each([
    ['SCHEMA', () => '{"device":1}'],
    ['SCHEMA', () => 'not json'],
    ['WRONG_DEVICE', () => JSON.stringify({ device: `0x${'00'.repeat(20)}`, assignments: [] })],
    ['ENDLESS_DATA', () => ' '.repeat(1_100_000)],
  ])('answers nonsense for assignments (%s): what runs goes on', async (code, answer) => {
    const { site, dew, runtime, hosts } = await setUp();
    const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts });
    await eventually(() => {
      expect(agent.stateOf('climate')).toBe('RUNNING');
    });
    dew.attack = ({ path, response }) => {
      if (path.startsWith('/v1/assignments/')) response.end(answer());
      return path.startsWith('/v1/assignments/');
    };
    await eventually(() => {
      expect(agent.codes('dew')).toEqual([code]);
    });
    expect(runtime.journal).toEqual(['start climate@1', 'take-over climate@1']);
  });

  test("assigns what is not approved, a thousand of it, and another tenant's: nothing starts, refusals stay bounded", async () => {
    const { site, dew, runtime, hosts, published } = await setUp();
    const assignments = Array.from({ length: 999 }, (_, index) => ({
      tenant: TENANT,
      name: `ghost-${index}`,
      digest: published.digest,
    }));
    const foreign = { tenant: 'elsewhere', name: 'climate', digest: published.digest };
    dew.attack = ({ path, response }) => {
      const isList = path.startsWith('/v1/assignments/');
      if (isList) response.end(JSON.stringify({ device: site.account, assignments: [...assignments, foreign] }));
      return isList;
    };
    const agent = await startTestAgent(site, { dewUrls: [dew.url], hosts });
    await eventually(() => {
      expect(agent.codes('elsewhere/climate')).toEqual(['NOT_APPROVED']);
      expect(agent.refusals.list().length).toBe(1000);
    });
    expect(runtime.journal).toEqual([]);
    expect(agent.refusals.list().every(({ count }) => count === 1)).toBe(true);
  });
});
