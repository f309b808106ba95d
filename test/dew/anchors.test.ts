import { digestOf } from '../../core/digest.ts';
import { expect, test } from 'vitest';
import { MAX_ANCHORS } from '../../core/state/plan-anchors.ts';
import type { SignedAnchor } from '../../core/state/signed-anchor.ts';
import { parseAnchors } from '../../core/wire/anchors.ts';
import { callDaemon } from '../../platform/control/control-client.ts';
import { rootedAnchor, rootKeys, signAnchor } from '../support/test-anchors.ts';
import { openSite, type Site } from './support/site.ts';

const signers = rootKeys.slice(0, 2);
const next = (version: number) => signAnchor(rootedAnchor({ version }), signers);
const give = ({ folder }: Site, input: unknown) => callDaemon({ folder, command: 'import-anchors', input });
const versions = (all: readonly SignedAnchor[]) => all.map(({ anchor }) => anchor.version);

test('a dew serves to anyone the signed anchors that it was given, and tells who has them that nothing is new', async () => {
  const site = await openSite({ anchor: rootedAnchor() });
  const empty = await site.call(undefined, 'GET /v1/anchors');
  expect([empty.status, Buffer.from(empty.body).toString()]).toEqual([200, '{"anchors":[]}']);
  expect(await give(site, await next(2))).toEqual({ version: 2, taken: [2] });
  expect(await give(site, { anchors: [await next(3), await next(4)] })).toEqual({ version: 4, taken: [3, 4] });
  const { status, headers, body } = await site.call(undefined, 'GET /v1/anchors');
  expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
  expect(versions(parseAnchors(body))).toEqual([2, 3, 4]);
  const etag = headers['etag'] ?? '';
  expect(etag).toBe(`"${digestOf(body).slice('sha256:'.length)}"`);
  const again = await site.call(undefined, 'GET /v1/anchors', { headers: { 'if-none-match': etag } });
  expect([again.status, again.body.length]).toEqual([304, 0]);
});

test('a dew keeps them over a restart', async () => {
  const site = await openSite({ anchor: rootedAnchor() });
  await give(site, await next(2));
  await site.close();
  const after = await site.restart({ anchor: rootedAnchor() });
  expect(versions(parseAnchors((await after.call(undefined, 'GET /v1/anchors')).body))).toEqual([2]);
});

test('a dew refuses what roots did not sign, and serves none of it', async () => {
  const site = await openSite({ anchor: rootedAnchor() });
  const forged = await signAnchor(rootedAnchor({ version: 2 }), rootKeys.slice(2, 6));
  await expect(give(site, forged)).rejects.toMatchObject({ code: 'QUORUM' });
  await expect(give(site, { anchors: 1 })).rejects.toMatchObject({ code: 'SCHEMA' });
  expect(parseAnchors((await site.call(undefined, 'GET /v1/anchors')).body)).toEqual([]);
});

test('a dew serves no more than a device reads, the newest', async () => {
  const site = await openSite({ anchor: rootedAnchor() });
  for (let version = 2; version <= MAX_ANCHORS + 3; version++) await give(site, await next(version));
  const served = parseAnchors((await site.call(undefined, 'GET /v1/anchors')).body);
  expect([served.length, versions(served).at(-1)]).toEqual([MAX_ANCHORS, MAX_ANCHORS + 3]);
});
