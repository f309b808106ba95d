import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { digestOf, type Digest } from '../../core/digest.ts';
import { groupIdOf, resourceIdOf } from '../../core/ids.ts';
import type { Proposal } from '../../core/ledger/records.ts';
import { verifyUpload } from '../../dew/documents/verify-upload.ts';
import { sendRaw } from '../platform/raw-http.ts';
import { signerOf } from '../platform/wallets.ts';
import { GROUP, profile, resource, TENANT } from './support/documents.ts';
import { openSite, type Site } from './support/site.ts';
import { eventually } from '../platform/eventually.ts';

const group = groupIdOf({ tenant: TENANT, name: GROUP });
const climate = resourceIdOf({ tenant: TENANT, name: 'climate' });

async function propose(site: Site, ...proposals: Proposal[]): Promise<void> {
  await site.submit('publisher', { type: 'propose', proposals });
}

async function codeOf(site: Site, content: { digest: Digest; bytes: Uint8Array }): Promise<string> {
  return (await site.upload(content)).code;
}

describe('a document', () => {
  test('is taken once it is proposed, and again, and handed out as it came', async () => {
    const site = await openSite();
    const document = resource();
    expect(await codeOf(site, document)).toBe('NOT_APPROVED');
    await propose(site, document.proposal);
    expect(await codeOf(site, document)).toBe('ok');
    expect(await codeOf(site, document)).toBe('ok');
    const { body, headers } = await site.call('approver', `GET /v1/documents/${document.digest}`);
    expect(Buffer.from(body)).toEqual(Buffer.from(document.bytes));
    expect(headers['etag']).toBe(`"${document.digest}"`);
    const again = { headers: { 'if-none-match': `"${document.digest}"` } };
    expect((await site.call('approver', `GET /v1/documents/${document.digest}`, again)).status).toBe(304);
    expect((await site.call('stranger', `GET /v1/documents/${document.digest}`, again)).code).toBe('NOT_ENROLLED');
  });

  test('is refused with other bytes than its digest', async () => {
    const site = await openSite();
    const document = resource();
    await propose(site, document.proposal);
    expect(await codeOf(site, { digest: document.digest, bytes: resource({ version: 9 }).bytes })).toBe(
      'DIGEST_MISMATCH',
    );
    expect(await codeOf(site, { digest: document.digest, bytes: new Uint8Array() })).toBe('DIGEST_MISMATCH');
  });

  test('is refused where the ledger names it as something else', async () => {
    const site = await openSite();
    const document = resource({ name: 'other' });
    await propose(site, { ...document.proposal, resource: climate });
    expect(await codeOf(site, document)).toBe('MIX_AND_MATCH');
    const version = resource({ version: 2 });
    await propose(site, { ...version.proposal, version: 3n });
    expect(await codeOf(site, version)).toBe('MIX_AND_MATCH');
    const elsewhere = resource({ name: 'third', group: 'field' });
    await propose(site, { ...elsewhere.proposal, group });
    expect(await codeOf(site, elsewhere)).toBe('MIX_AND_MATCH');
    const foreign = resource({ name: 'fourth', tenant: 'redfields' });
    await propose(site, { ...foreign.proposal, group });
    expect(await codeOf(site, foreign)).toBe('MIX_AND_MATCH');
  });

  test('is refused for a group that this dew does not serve, and once it is revoked', async () => {
    const site = await openSite();
    const elsewhere = resource({ name: 'elsewhere', group: 'field' });
    await propose(site, elsewhere.proposal);
    expect(await codeOf(site, elsewhere)).toBe('NOT_APPROVED');
    const document = resource();
    await site.activate(document);
    await site.submit('revoker', { type: 'revoke', resource: document.proposal.resource, version: 1n });
    await eventually(() => codeOf(site, document)).toBe('REVOKED');
  });

  test.each([
    ['no JSON', 'hello'],
    ['not canonical', `${Buffer.from(resource().bytes).toString()}\n`],
    ['of no kind that is known', '{"kind":"Other"}'],
    ['a list', '[]'],
  ])('is refused that is %s, though it was proposed', async (_what, text) => {
    const site = await openSite();
    const bytes = Buffer.from(text);
    const digest = digestOf(bytes);
    await propose(site, { resource: climate, version: 1n, digest, group });
    expect(await codeOf(site, { digest, bytes })).toBe('SCHEMA');
  });

  test('is refused that nests too deep, or is too long', async () => {
    const site = await openSite();
    const deep = Buffer.from(`${'['.repeat(200)}${']'.repeat(200)}`);
    await propose(site, { resource: climate, version: 1n, digest: digestOf(deep), group });
    expect(await codeOf(site, { digest: digestOf(deep), bytes: deep })).toBe('TOO_DEEP');
    const long = Buffer.alloc(262_145, 'x');
    expect(await codeOf(site, { digest: digestOf(long), bytes: long })).toBe('ENDLESS_DATA');
  });

  test('is refused that closes a circle of requirements', async () => {
    const site = await openSite();
    await site.activate(resource({ name: 'a', requires: ['b'] }));
    const closing = resource({ name: 'b', requires: ['a'] });
    await propose(site, closing.proposal);
    expect(await codeOf(site, closing)).toBe('CYCLE');
  });

  test('is refused packed', async () => {
    const site = await openSite();
    const document = resource();
    await propose(site, document.proposal);
    const body = gzipSync(document.bytes);
    const options = { body, headers: { 'content-encoding': 'gzip' } };
    expect((await site.call('publisher', `PUT /v1/documents/${document.digest}`, options)).code).toBe('UNSUPPORTED');
  });

  test.each([
    '../../etc/passwd',
    '..%2f..%2fetc%2fpasswd',
    'sha256:',
    `sha256:${'A'.repeat(64)}`,
    `sha256:${'0'.repeat(64)}%00`,
  ])('is not asked for as %s', async (name) => {
    const site = await openSite();
    const { code } = await site.call('publisher', `GET /v1/documents/${name}`);
    // The first is another path by the time it is sent.
    expect(name.startsWith('../') ? 'SCHEMA' : code).toBe('SCHEMA');
    expect(code).toMatch(/SCHEMA|NOT_FOUND/);
  });

  test('that claims ten gigabytes is refused at once', async () => {
    const site = await openSite();
    const path = `/v1/documents/${resource().digest}`;
    const request = `PUT ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000000\r\n\r\n`;
    expect(await sendRaw(site.dew.url, request)).toContain('"code":"ENDLESS_DATA"');
  });
});

test('a document that the ledger dropped while it was on its way is refused', () => {
  const { digest, bytes } = resource();
  expect(() => verifyUpload({ digest, bytes, holdings: new Map(), lookUp: () => undefined })).toThrow(
    expect.objectContaining({ code: 'NOT_APPROVED' }),
  );
});

describe('what the dew has not seen yet', () => {
  test('is waited for, then called behind with a time to come back', async () => {
    const site = await openSite();
    const document = resource();
    site.chain.setReachable(false);
    const { code, headers, status } = await site.upload(document);
    expect({ code, status }).toEqual({ code: 'LEDGER_BEHIND', status: 503 });
    expect(headers['retry-after']).toMatch(/^\d+$/);
    site.chain.setReachable(true);
    await propose(site, document.proposal);
    await eventually(() => codeOf(site, document)).toBe('ok');
  });
});

describe('a profile', () => {
  test('is taken for a device that has it, from its registrar too', async () => {
    const site = await openSite();
    const { digest, bytes } = profile();
    expect(await codeOf(site, { digest, bytes })).toBe('NOT_APPROVED');
    await site.enrol('edge', { profile: digest });
    expect((await site.call('registrar', `PUT /v1/documents/${digest}`, { body: bytes })).code).toBe('ok');
    expect((await site.call('edge', `GET /v1/documents/${digest}`)).code).toBe('ok');
  });

  test('is no resource, nor a resource a profile', async () => {
    const site = await openSite();
    const { digest, bytes } = profile();
    await propose(site, { resource: climate, version: 1n, digest, group });
    expect(await codeOf(site, { digest, bytes })).toBe('MIX_AND_MATCH');
    const document = resource({ name: 'b' });
    await site.enrol('edge', { profile: document.digest });
    expect(await codeOf(site, document)).toBe('MIX_AND_MATCH');
  });
});

describe('an artifact', () => {
  const bytes = Buffer.from('export const answer = 42;');
  const artifact = { digest: digestOf(bytes), size: bytes.length };
  const path = `/v1/artifacts/${artifact.digest}`;

  test('is taken once a document names it, and goes to whom the document goes', async () => {
    const site = await openSite();
    await site.enrol('edge');
    expect((await site.call('publisher', `PUT ${path}`, { body: bytes })).code).toBe('NOT_APPROVED');
    const document = resource({ artifact });
    await propose(site, document.proposal);
    await site.upload(document);
    expect((await site.call('stranger', `PUT ${path}`, { body: bytes })).code).toBe('FORBIDDEN');
    expect((await site.call('publisher', `PUT ${path}`, { body: bytes })).code).toBe('ok');
    expect((await site.call('edge', `GET ${path}`)).code).toBe('FORBIDDEN');
    await site.submit('approver', { type: 'approve', proposals: [document.proposal] });
    await eventually(async () => (await site.call('edge', `GET ${path}`)).code).toBe('ok');
    const { body, headers } = await site.call('edge', `GET ${path}`);
    expect(Buffer.from(body)).toEqual(bytes);
    expect(headers['etag']).toBe(`"${artifact.digest}"`);
    expect((await site.call('stranger', `GET ${path}`)).code).toBe('NOT_ENROLLED');
    expect((await site.call(undefined, `GET ${path}`)).code).toBe('UNAUTHENTICATED');
  });

  test('is refused with other bytes, or of another size than the document names', async () => {
    const site = await openSite();
    const document = resource({ artifact });
    const larger = resource({ name: 'b', artifact: { digest: digestOf(Buffer.from('b')), size: 2 } });
    await site.activate(document, larger);
    const altered = Buffer.from(bytes).reverse();
    expect((await site.call('publisher', `PUT ${path}`, { body: altered })).code).toBe('DIGEST_MISMATCH');
    const other = `PUT /v1/artifacts/${digestOf(Buffer.from('b'))}`;
    expect((await site.call('publisher', other, { body: Buffer.from('b') })).code).toBe('DIGEST_MISMATCH');
  });

  test('beyond the limit is refused before it is read', async () => {
    const site = await openSite();
    const request = `PUT ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 16777217\r\n\r\n`;
    expect(await sendRaw(site.dew.url, request)).toContain('"code":"ENDLESS_DATA"');
  });
});

test('an upload with another body than was signed is refused', async () => {
  const site = await openSite();
  const document = resource();
  await propose(site, document.proposal);
  const url = `${site.dew.url}/v1/documents/${document.digest}`;
  const signed = await signerOf(1).sign({ method: 'PUT', url, headers: {}, body: Buffer.from('other') });
  const options = { body: document.bytes, headers: { ...signed } };
  expect((await site.call(undefined, `PUT /v1/documents/${document.digest}`, options)).code).toBe('UNAUTHENTICATED');
});
