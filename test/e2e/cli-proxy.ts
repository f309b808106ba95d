import type { IncomingMessage, ServerResponse } from 'node:http';
import { serve } from '../support/serve.ts';
import { buffer } from 'node:stream/consumers';

/** What happens to a request: passed on and answered, lost before or after the server behind took it, or answered so. */
type Fate = 'pass' | 'lose-request' | 'lose-answer' | { readonly status: number; readonly body: Buffer };

/** A server between `dewproof` and the one behind, as an unlucky or hostile network is. */
export interface Proxy {
  readonly url: string;
  /** Decides what happens to requests from now on. */
  decide(fateOf: (request: { method: string; path: string; body: Buffer }) => Fate): void;
  /** Resolves once a request was lost. */
  lost(): Promise<void>;
  close(): Promise<void>;
}

/** What `fetch` sets by itself. */
const own = new Set(['host', 'connection', 'content-length']);

/** Starts a proxy before `target` (`http://host:port`) on 127.0.0.1. */
export async function startProxy(target: string): Promise<Proxy> {
  let fateOf: Parameters<Proxy['decide']>[0] = () => 'pass';
  let losing = Promise.withResolvers<undefined>();

  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const { method = 'GET', url: path = '/', headers } = incoming;
    const body = await buffer(incoming);
    const fate = fateOf({ method, path, body });
    if (typeof fate === 'object') {
      outgoing.writeHead(fate.status).end(fate.body);
      return;
    }
    if (fate === 'lose-request') {
      losing.resolve(undefined);
      return;
    }
    const passed = Object.entries(headers).filter(([name]) => !own.has(name));
    const sent = Object.fromEntries(passed.map(([name, value]) => [name, String(value)]));
    const answer = await fetch(`${target}${path}`, { method, headers: sent, ...(body.length > 0 && { body }) });
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (fate === 'lose-answer') losing.resolve(undefined);
    else outgoing.writeHead(answer.status, { 'content-type': 'application/json' }).end(bytes);
  };
  const served = await serve((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => outgoing.destroy());
  });
  return {
    ...served,
    decide: (next) => {
      losing = Promise.withResolvers();
      fateOf = next;
    },
    lost: () => losing.promise,
  };
}
