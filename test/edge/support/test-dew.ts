import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { digestOf } from '../../../core/digest.ts';
import type { RolloutNote } from '../../../core/wire/rollout-note.ts';
import type { Digest } from '../../../core/digest.ts';
import { receiptDigestOf, type Envelope } from '../../../core/receipts/envelope.ts';
import { serve } from '../../support/serve.ts';
import type { Site } from './site.ts';
import { TENANT } from './site.ts';

/** What a dew in an attacker's hands does instead of answering; undefined where it leaves an answer alone. */
export type Attack = (call: {
  readonly path: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}) => boolean;

/** A dew over HTTP with the routes of docs/architecture.md that edges use; it checks no signatures. */
export interface TestDew {
  readonly url: string;
  /** Paths asked for, in order. */
  readonly asked: string[];
  /** Names to assign to every device that asks. */
  assign(...names: readonly string[]): void;
  attack: Attack | undefined;
  /** Rollout orders that it hands over. */
  rollouts: readonly RolloutNote[];
  close(): Promise<void>;
}

/** Starts the dew on the site's documents. */
export async function startTestDew(site: Site): Promise<TestDew> {
  const asked: string[] = [];
  let assigned: readonly string[] = [];
  const dew = { attack: undefined as Attack | undefined, rollouts: [] as readonly RolloutNote[] };

  const { url, close } = await serve((request, response) => {
    const path = request.url ?? '/';
    asked.push(path);
    if (dew.attack?.({ path, request, response }) === true) return;
    if (path === `/v1/assignments/${site.account}`) {
      const body = JSON.stringify({ ...listOf(site, assigned), rollouts: dew.rollouts });
      const etag = `"${digestOf(Buffer.from(body))}"`;
      if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
      else response.writeHead(200, { etag }).end(body);
      return;
    }
    if (path === '/v1/receipts' && request.method === 'POST') {
      void takeReceipts(request).then((answer) => response.end(answer));
      return;
    }
    const bytes = site.contents.get(path.slice(path.lastIndexOf('/') + 1) as Digest);
    if (bytes === undefined) response.writeHead(404).end();
    else response.writeHead(200).end(bytes);
  });
  onTestFinished(close);
  return Object.assign(dew, {
    url,
    asked,
    assign: (...names: readonly string[]) => {
      assigned = names;
    },
    close,
  });
}

/** Takes all, whatever they are. */
async function takeReceipts(request: IncomingMessage): Promise<string> {
  const { receipts } = JSON.parse(await text(request)) as { receipts: Envelope[] };
  return JSON.stringify({ taken: receipts.map(receiptDigestOf), refused: [], anchoredTo: null });
}

function listOf(site: Site, names: readonly string[]) {
  const [digest] = site.contents.keys();
  return { device: site.account, assignments: names.map((name) => ({ tenant: TENANT, name, digest })) };
}
