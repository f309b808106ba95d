import { describe, expect, test } from 'vitest';
import { isSignedBy } from '../../cli/is-signed-by.ts';
import { digestOf } from '../../core/digest.ts';
import { createDewClient } from '../../edge/dew-client.ts';
import { documentOf } from '../../edge/install-configuration.ts';
import { createCallVerifier } from '../../platform/calls/verify-call.ts';
import { CHAIN_ID, signerOf } from '../platform/wallets.ts';
import { createSite, type Site } from './support/site.ts';
import { startTestDew } from './support/test-dew.ts';
import { testNonces } from './support/test-edge.ts';

const { signal } = new AbortController();

function clientOf(site: Site, urls: readonly string[]) {
  const refusals: string[] = [];
  const dew = createDewClient({
    urls,
    account: site.account,
    signer: signerOf(1),
    onRefusal: ({ url, error }) => refusals.push(`${url} ${error.code}`),
    maxAnswerMs: 2000,
  });
  return { dew, refusals };
}

describe('the client of the dews', () => {
  test('signs every call as its device', async () => {
    const site = await createSite();
    const server = await startTestDew(site);
    const verifyCall = createCallVerifier({ isSignedBy, nonces: testNonces(), clock: Date.now, chainId: CHAIN_ID });
    const callers: unknown[] = [];
    server.attack = ({ path, request }) => {
      const headers = request.headers as Record<string, string>;
      callers.push(verifyCall({ method: 'GET', url: server.url + path, headers, body: undefined }));
      return false;
    };
    const { dew } = clientOf(site, [server.url]);
    await dew.assignments(signal);
    await expect(dew.content(documentOf(digestOf(Buffer.from('none'))), signal)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await Promise.all(callers)).toEqual([site.account, site.account]);
  });

  test('takes a list once, until it changes', async () => {
    const site = await createSite();
    const server = await startTestDew(site);
    await site.publish('climate');
    const { dew } = clientOf(site, [server.url]);
    expect(await dew.assignments(signal)).toMatchObject({ assignments: [] });
    expect(await dew.assignments(signal)).toBeUndefined();
    server.assign('climate');
    expect(await dew.assignments(signal)).toMatchObject({ assignments: [{ name: 'climate' }] });
    expect(await dew.assignments(signal)).toBeUndefined();
  });

  test('takes the first list again whole after another dew had spoken', async () => {
    const site = await createSite();
    const [one, other] = [await startTestDew(site), await startTestDew(site)];
    await site.publish('climate');
    other.assign('climate');
    const { dew } = clientOf(site, [one.url, other.url]);
    expect(await dew.assignments(signal)).toMatchObject({ assignments: [] });
    one.attack = ({ response }) => {
      response.destroy();
      return true;
    };
    expect(await dew.assignments(signal)).toMatchObject({ assignments: [{ name: 'climate' }] });
    one.attack = undefined;
    expect(await dew.assignments(signal)).toMatchObject({ assignments: [] });
  });

  test('believes no 304 that it did not ask for', async () => {
    const site = await createSite();
    const server = await startTestDew(site);
    server.attack = ({ response }) => {
      response.writeHead(304).end();
      return true;
    };
    const { dew, refusals } = clientOf(site, [server.url]);
    await expect(dew.assignments(signal)).rejects.toMatchObject({ code: 'DEW_UNAVAILABLE' });
    expect(refusals).toEqual([`${server.url} DEW_UNAVAILABLE`]);
  });

  test('follows nobody elsewhere', async () => {
    const site = await createSite();
    const [server, elsewhere] = [await startTestDew(site), await startTestDew(site)];
    server.attack = ({ path, response }) => {
      response.writeHead(302, { location: elsewhere.url + path }).end();
      return true;
    };
    const { dew } = clientOf(site, [server.url]);
    await expect(dew.assignments(signal)).rejects.toMatchObject({ code: 'DEW_UNAVAILABLE' });
    expect(elsewhere.asked).toEqual([]);
  });

  test('tells the attack where several dews fail', async () => {
    const site = await createSite();
    const { digest } = await site.publish('climate');
    const [gone, liar] = [await startTestDew(site), await startTestDew(site)];
    await gone.close();
    liar.attack = ({ response }) => {
      response.end('{}');
      return true;
    };
    const { dew } = clientOf(site, [liar.url, gone.url]);
    await expect(dew.content(documentOf(digest), signal)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  });

  test('asks four things at once, and ends at once when told to', async () => {
    const site = await createSite();
    const server = await startTestDew(site);
    server.attack = () => true;
    const ending = new AbortController();
    const { dew } = clientOf(site, [server.url]);
    const asked = Array.from({ length: 9 }, (_, index) =>
      dew.content(documentOf(digestOf(Buffer.from(String(index)))), ending.signal).catch((error: unknown) => error),
    );
    while (server.asked.length < 4) await new Promise((resolve) => setImmediate(resolve));
    expect(server.asked).toHaveLength(4);
    ending.abort();
    for (const answer of await Promise.all(asked)) expect(answer).toMatchObject({ name: 'AbortError' });
    expect(server.asked.length).toBeLessThanOrEqual(4);
  });
});
