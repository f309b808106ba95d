import { request, type Dispatcher } from 'undici';
import { describe, expect, test } from 'vitest';
import { accountSubject, ANYONE } from '../../../core/ids.ts';
import { NEVER } from '../../../core/policy.ts';
import { signerOf, walletOf } from '../../platform/wallets.ts';
import { ask } from '../support/calls.ts';
import { runCurl } from '../support/curl.ts';
import { createSite, resourceOf, TENANT } from '../support/site.ts';
import { startTestDew } from '../support/test-dew.ts';
import { eventually, startTestEdge } from '../support/test-edge.ts';

const FRIEND = 11;
const inputs = [{ id: 'note', push: true, payload: { format: 'text' } }];
const views = [
  { id: 'now', input: 'note', latest: true },
  { id: 'notes', input: 'note', range: true },
];

async function setUp() {
  const site = await createSite();
  const dew = await startTestDew(site);
  await site.publish('climate', { inputs, views });
  dew.assign('climate');
  const edge = await startTestEdge(site, { dewUrls: [dew.url] });
  const grant = { type: 'set-grant', resource: resourceOf('climate'), offline: false, expiresAt: NEVER } as const;
  await site.do({ ...grant, subject: ANYONE, actions: ['read'] });
  await site.do({ ...grant, subject: accountSubject(walletOf(FRIEND).account), actions: ['write'] });
  const base = `${edge.url}/v1/resources/${TENANT}/climate`;
  for (const note of ['=1+1', 'a,b', '3']) {
    await eventually(async () => {
      expect(await ask(`${base}/inputs/note`, signerOf(FRIEND), note)).toMatchObject({ status: 204 });
    });
  }
  await eventually(async () => {
    expect(await ask(`${base}/views/now`)).toMatchObject({ status: 200 });
  });
  return { edge, base };
}

const curl = async (...parameters: string[]) => {
  const one = runCurl(...parameters);
  expect(await one.exited).toBe(0);
  return one.output();
};

describe('a view', () => {
  test('comes as CSV for curl where that is asked for, and as JSON where nothing is', async () => {
    const { base } = await setUp();
    const csv = await curl('-i', '-H', 'Accept: text/csv', `${base}/views/notes`);
    const [head = '', body = ''] = csv.split('\r\n\r\n', 2);
    expect(head).toMatch(/^HTTP\/1.1 200 OK/);
    expect(head).toMatch(/\r\nContent-Type: text\/csv; charset=utf-8; header=present(?:\r\n|$)/i);
    expect(head).toMatch(/\r\nVary: Accept(?:\r\n|$)/i);
    expect(body).toMatch(/^time,value\r\n\S+Z,'=1\+1\r\n\S+Z,"a,b"\r\n\S+Z,3\r\n$/);
    expect(JSON.parse(await curl(`${base}/views/notes`))).toMatchObject({
      readings: [{ value: '=1+1' }, { value: 'a,b' }, { value: '3' }],
    });
  });

  test.each([
    ['text/csv;q=0.5, application/json', 200, 'application/json; charset=utf-8'],
    ['text/csv, application/json;q=0.5', 200, 'text/csv; charset=utf-8; header=present'],
    ['text/*', 200, 'text/csv; charset=utf-8; header=present'],
    ['*/*', 200, 'application/json; charset=utf-8'],
    ['application/json;q=0, */*', 200, 'text/csv; charset=utf-8; header=present'],
    ['text/html', 406, 'application/problem+json; charset=utf-8'],
    ['text/csv;q=0', 406, 'application/problem+json; charset=utf-8'],
  ])('for Accept: %s answers %d as %s', async (accept, status, type) => {
    const { base } = await setUp();
    const { statusCode, headers, body } = await request(`${base}/views/notes`, { headers: { accept } });
    expect([statusCode, headers['content-type'], headers['vary']]).toEqual([status, type, 'Accept']);
    if (status === 406) expect(await body.json()).toMatchObject({ code: 'NOT_ACCEPTABLE' });
    else await body.dump();
  });

  test('links to its next page, in either form', async () => {
    const { base } = await setUp();
    const values: string[] = [];
    let url: string | undefined = `${base}/views/notes?limit=1&from=2020-01-01T00:00:00%2B01:00`;
    while (url !== undefined) {
      const page: Dispatcher.ResponseData = await request(url, { headers: { accept: 'text/csv' } });
      const { statusCode, headers, body } = page;
      expect(statusCode).toBe(200);
      values.push((await body.text()).split('\r\n')[1]?.split(',').slice(1).join(',') ?? '');
      const next: string | undefined = /^<([^>]*)>; rel="next"$/.exec(String(headers['link'] ?? ''))?.[1];
      url = next === undefined ? undefined : new URL(next, url).href;
    }
    expect(values).toEqual(["'=1+1", '"a,b"', '3']);
  });
});
