import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { ResourceId } from '../../core/ids.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import { mixBundles, omitRecord, tamperBundle } from './hostile-bundles.ts';

/** What the attacker between an edge and its dew does with documents and assignments. */
type ContentAttack = 'tamper' | 'replay';
/** What it does with proof bundles. */
type BundleAttack = 'tamper-bundle' | 'replay-bundle' | 'mix-bundles' | 'drip' | 'omit' | 'endless' | 'dribble';
/** Hands out everything as it is, nothing at all, or one of the attacks. */
export type HostileMode = 'honest' | 'gone' | ContentAttack | BundleAttack;

/** What an attack is aimed at. */
export interface Aim {
  /** The device that is attacked, by its account; all of them where left out. */
  readonly device?: string;
  /** The resource that `omit` leaves out. */
  readonly resource?: ResourceId;
}

/** A dew in the attacker's hands: it relays to the real one, keeps what it saw, and alters answers as told. */
export interface HostileDew {
  readonly url: string;
  setMode(mode: HostileMode, aim?: Aim): void;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

interface Bout {
  readonly mode: HostileMode;
  readonly aim: Aim;
  /** Bundles that `drip` holds back, oldest first. */
  readonly held: Answer[];
}

const BUNDLES = '/v1/bundles/';
/** How many bundles `drip` lags behind: each that it hands out is newer than the last, and old. */
const DRIP_LAG = 12;

/**
 * Starts the attacker on 127.0.0.1. `tamper` changes one byte of every document; `replay` answers every question for
 * assignments with the first list it ever relayed to that device. The `Host` header is left alone, so signed calls still
 * verify at the real dew. It plays the attacks of TUF's list: arbitrary software, rollback, mix-and-match, freeze
 * (`drip`: true bundles, each too late), endless data, slow retrieval; and it leaves a record out.
 */
export async function startHostileDew(dewUrl: string, anchor: () => Promise<Anchor>): Promise<HostileDew> {
  let bout: Bout = { mode: 'honest', aim: {}, held: [] };
  const firstAssignments = new Map<string, Answer>();
  const firstBundles = new Map<string, Answer>();

  const answer = async (incoming: IncomingMessage): Promise<Answer> => {
    const path = incoming.url ?? '/';
    const { mode, aim, held } = bout;
    const replayed = mode === 'replay' ? firstAssignments.get(path) : undefined;
    if (replayed) return replayed;
    const real = await relay(dewUrl, incoming);
    if (real.status !== 200) return real;
    if (path.startsWith('/v1/assignments/') && hasAssignments(real.body) && !firstAssignments.has(path)) {
      firstAssignments.set(path, real);
    }
    if (mode === 'tamper' && path.startsWith('/v1/documents/')) return tampered(real);
    if (!path.startsWith(BUNDLES)) return real;
    const first = firstBundles.get(path) ?? real;
    firstBundles.set(path, first);
    if (!isAimedAt(aim, path)) return real;
    switch (mode) {
      case 'tamper-bundle':
        return withBody(real, tamperBundle(real.body));
      case 'replay-bundle':
        return first;
      case 'mix-bundles':
        return withBody(real, mixBundles({ older: first.body, newer: real.body }));
      case 'omit':
        if (aim.resource === undefined) return real;
        return withBody(real, omitRecord(real.body, { resource: aim.resource, anchor: await anchor() }));
      case 'drip':
        held.push(real);
        return (held.length > DRIP_LAG ? held.shift() : held[0]) ?? real;
      default:
        return real;
    }
  };

  const server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? '/';
    if (bout.mode === 'gone' && isAimedAt(bout.aim, path)) {
      incoming.destroy();
      return;
    }
    if (path.startsWith(BUNDLES) && isAimedAt(bout.aim, path)) {
      if (bout.mode === 'endless') {
        sendWithoutEnd(outgoing);
        return;
      }
      if (bout.mode === 'dribble') {
        dribble(outgoing);
        return;
      }
    }
    answer(incoming).then(
      (reply) => {
        send(outgoing, reply);
      },
      () => {
        outgoing.writeHead(502).end();
      },
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    setMode: (mode, aim = {}) => {
      bout = { mode, aim, held: [] };
    },
    close: () =>
      new Promise<void>((done) => {
        server.close(() => {
          done();
        });
        server.closeAllConnections();
      }),
  };
}

/** What a path names no device in is everybody's. */
function isAimedAt({ device }: Aim, path: string): boolean {
  return device === undefined || path.endsWith(`/${device}`);
}

async function relay(dewUrl: string, incoming: IncomingMessage): Promise<Answer> {
  const target = new URL(incoming.url ?? '/', dewUrl);
  const headers = { ...incoming.headers };
  // A cached answer would leave nothing to replay or tamper with.
  delete headers['if-none-match'];
  const outgoing = request(target, { method: incoming.method, headers });
  const response = new Promise<IncomingMessage>((done, fail) => outgoing.once('response', done).once('error', fail));
  incoming.pipe(outgoing);
  const real = await response;
  return { status: real.statusCode ?? 502, headers: real.headers, body: await buffer(real) };
}

function hasAssignments(body: Buffer): boolean {
  return (JSON.parse(body.toString()) as { assignments: unknown[] }).assignments.length > 0;
}

/** Changes one character deep in the document, keeping it well-formed: a wider window, another topic, another name. */
function tampered(real: Answer): Answer {
  const body = Buffer.from(real.body);
  const index = Math.floor(body.length / 2);
  body.writeUInt8(body.readUInt8(index) ^ 1, index);
  return { ...real, body };
}

/** Its tag goes, so that the device takes every answer for news. */
function withBody({ status, headers }: Answer, body: Uint8Array): Answer {
  return { status, headers: { ...headers, etag: undefined }, body: Buffer.from(body) };
}

function send(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  const kept = { ...headers };
  delete kept['transfer-encoding'];
  delete kept.connection;
  if (kept.etag === undefined) delete kept.etag;
  outgoing.writeHead(status, { ...kept, 'content-length': body.length }).end(body);
}

/** Sends zeros as fast as they are taken, until the device hangs up. */
function sendWithoutEnd(outgoing: ServerResponse): void {
  const zeros = Buffer.alloc(65_536);
  outgoing.writeHead(200, { 'content-type': 'application/cbor' });
  const more = (): void => {
    while (!outgoing.destroyed && outgoing.write(zeros));
  };
  outgoing.on('drain', more);
  more();
}

/** Sends a byte a second, until the device hangs up. */
function dribble(outgoing: ServerResponse): void {
  outgoing.writeHead(200, { 'content-type': 'application/cbor' });
  const timer = setInterval(() => outgoing.write(Buffer.alloc(1)), 1_000);
  outgoing.once('close', () => {
    clearInterval(timer);
  });
}
