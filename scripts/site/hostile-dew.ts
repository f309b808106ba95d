import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What the attacker between an edge and its dew does: hands out everything as it is, or one of the attacks. */
export type HostileMode = 'honest' | 'tamper' | 'replay' | 'gone';

/** A dew in the attacker's hands: it relays to the real one, keeps what it saw, and alters answers as told. */
export interface HostileDew {
  readonly url: string;
  setMode(mode: HostileMode): void;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/**
 * Starts the attacker on 127.0.0.1. `tamper` changes one byte of every document; `replay` answers every question for
 * assignments with the first list it ever relayed to that device. The `Host` header is left alone, so signed calls still verify at the real dew.
 */
export async function startHostileDew(dewUrl: string): Promise<HostileDew> {
  let mode: HostileMode = 'honest';
  const firstAssignments = new Map<string, Answer>();

  const answer = async (incoming: IncomingMessage): Promise<Answer> => {
    const path = incoming.url ?? '/';
    const replayed = mode === 'replay' ? firstAssignments.get(path) : undefined;
    if (replayed) return replayed;
    const real = await relay(dewUrl, incoming);
    if (path.startsWith('/v1/assignments/') && real.status === 200 && hasAssignments(real.body)) {
      if (!firstAssignments.has(path)) firstAssignments.set(path, real);
    }
    return mode === 'tamper' && path.startsWith('/v1/documents/') && real.status === 200 ? tampered(real) : real;
  };

  const server = createServer((incoming, outgoing) => {
    if (mode === 'gone') {
      incoming.destroy();
      return;
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
    setMode: (next) => {
      mode = next;
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

function send(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  const kept = { ...headers };
  delete kept['transfer-encoding'];
  delete kept.connection;
  outgoing.writeHead(status, { ...kept, 'content-length': body.length }).end(body);
}
