import { join } from 'node:path';
import { Router, type RequestHandler } from 'express';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isSignedBy } from '../../cli/is-signed-by.ts';
import type { SignedAnchor } from '../../core/state/signed-anchor.ts';
import type { AnchorsFollower } from '../../edge/anchors/follow-anchors.ts';
import { openEdgeAnchors, type EdgeAnchors } from '../../edge/anchors/open-edge-anchors.ts';
import { answerAnchors } from '../../platform/anchors/answer-anchors.ts';
import { createApp } from '../../platform/http/create-app.ts';
import { listen } from '../../platform/http/listen.ts';
import { openStore } from '../../platform/store/open-store.ts';
import { eventually } from '../platform/eventually.ts';
import { temporaryFolder } from '../platform/temporary-folder.ts';
import { rootedAnchor, rootKeys, rootsOf, signAnchor } from '../support/test-anchors.ts';
import { quietLog } from './support/test-edge.ts';

const keysAt = (...indices: readonly number[]) => rootKeys.filter((_, index) => indices.includes(index));
const at = (version: number, [low, high]: readonly [number, number]) =>
  rootedAnchor({ version, roots: rootsOf(2, [low, high]) });
const first = at(1, [0, 3]);
const two = await signAnchor(at(2, [1, 4]), keysAt(1, 2));
const three = await signAnchor(at(3, [2, 5]), keysAt(2, 3));
const forged = await signAnchor(at(2, [0, 3]), keysAt(3, 4));

interface Source {
  readonly url: string;
  /** Statuses that it answered. */
  readonly answered: number[];
}

async function serve(answer: RequestHandler): Promise<Source> {
  const answered: number[] = [];
  const note: RequestHandler = (_request, response, next) => {
    response.on('finish', () => answered.push(response.statusCode));
    next();
  };
  const routes = Router().get('/v1/anchors', note, answer);
  const server = await listen(createApp({ routes, log: quietLog() }), { host: '127.0.0.1', port: 0 });
  onTestFinished(() => server.close({ graceMs: 0 }));
  return { url: server.url, answered };
}

const serving = (of: () => readonly SignedAnchor[]) => serve(answerAnchors({ signed: of }));

interface Device {
  readonly anchors: EdgeAnchors;
  readonly follower: AnchorsFollower;
  readonly refused: { readonly about: string; readonly code: string }[];
}

async function follow(urls: readonly string[], foundUrls: readonly string[] = []): Promise<Device> {
  const store = await openStore(join(temporaryFolder(), 'store'));
  const refused: { about: string; code: string }[] = [];
  const refusals = { record: ({ about, code }: { about: string; code: string }) => void refused.push({ about, code }) };
  const anchors = await openEdgeAnchors({
    database: store,
    anchor: first,
    isSignedBy,
    memory: { inUse: undefined, head: undefined },
    refusals,
  });
  const follower = anchors.follow({ urls, foundUrls: () => foundUrls, everyMs: 20, random: () => 0.5 });
  onTestFinished(async () => {
    await follower.close();
    await store.close();
  });
  return { anchors, follower, refused };
}

const version = ({ anchors }: Device) => anchors.current().version;

describe('followAnchors', () => {
  test('takes what a dew has, as it comes, and asks no more than whether there is news', async () => {
    let served: readonly SignedAnchor[] = [];
    const dew = await serving(() => served);
    const device = await follow([dew.url]);
    await eventually(() => dew.answered).toContain(304);
    served = [two];
    await eventually(() => version(device)).toBe(2);
    served = [two, three];
    await eventually(() => version(device)).toBe(3);
    dew.answered.length = 0;
    await eventually(() => dew.answered.length).toBeGreaterThan(2);
    expect(new Set(dew.answered.slice(1))).toEqual(new Set([304]));
    expect(device.refused).toEqual([]);
  });

  test('one source that lies, is away, or knows of no anchors spoils nothing of the others', async () => {
    const liar = await serving(() => [forged]);
    const garbage = await serve((_request, response) => void response.json({ anchors: 'none' }));
    const large = await serve((_request, response) => void response.send(Buffer.alloc(2_000_000)));
    const old = await serve((_request, response) => void response.status(404).end());
    const dew = await serving(() => [two, three]);
    const device = await follow(['http://127.0.0.1:9', liar.url, garbage.url, large.url, old.url, dew.url]);
    await eventually(() => version(device)).toBe(3);
    expect(device.refused).toContainEqual({ about: liar.url, code: 'QUORUM' });
    expect(device.refused).toContainEqual({ about: garbage.url, code: 'SCHEMA' });
    expect(device.refused).toContainEqual({ about: large.url, code: 'ENDLESS_DATA' });
    expect(device.refused.filter(({ about }) => [old.url, dew.url, 'http://127.0.0.1:9'].includes(about))).toEqual([]);
  });

  test('asks edges that were found, each in its turn, and a few at a time', async () => {
    const asked: number[] = [];
    const peers = await Promise.all(
      Array.from({ length: 9 }, (_, index) =>
        serve((_request, response) => {
          asked.push(index);
          response.json({ anchors: index === 8 ? [two] : [] });
        }),
      ),
    );
    const dew = await serve((_request, response) => {
      asked.push(-1);
      response.json({ anchors: [] });
    });
    const device = await follow(
      [dew.url],
      peers.map(({ url }) => url),
    );
    await eventually(() => version(device)).toBe(2);
    expect(asked.slice(0, 12)).toEqual([-1, 0, 1, 2, 3, -1, 4, 5, 6, 7, -1, 8]);
  });

  test('puts together what two sources have, whichever is asked first', async () => {
    // The first is refused until the second has brought what comes before.
    const device = await follow([(await serving(() => [three])).url, (await serving(() => [two])).url]);
    await eventually(() => version(device)).toBe(3);
    expect(device.refused.every(({ code }) => code === 'QUORUM')).toBe(true);
  });

  test('goes on from what came by file', async () => {
    const device = await follow([(await serving(() => [three])).url]);
    await eventually(() => device.refused.length).toBeGreaterThan(0);
    expect(await device.anchors.commands['import-anchors']?.(two)).toMatchObject({ taken: [2] });
    await eventually(() => version(device)).toBe(3);
  });

  test('does not look at the same lie twice', async () => {
    const liar = await serving(() => [forged]);
    const device = await follow([liar.url]);
    await eventually(() => liar.answered.filter((status) => status === 304).length).toBeGreaterThan(2);
    expect(device.refused).toEqual([{ about: liar.url, code: 'QUORUM' }]);
    expect(version(device)).toBe(1);
  });

  test('ends when it is closed, and is woken before its time', async () => {
    const dew = await serving(() => []);
    const device = await follow([dew.url]);
    await eventually(() => dew.answered.length).toBeGreaterThan(0);
    device.follower.wake();
    await device.follower.close();
    const { length } = dew.answered;
    device.follower.wake();
    expect(dew.answered.length).toBe(length);
  });
});
