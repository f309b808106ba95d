import type { ServerResponse } from 'node:http';
import type { DevNode } from './nodes.ts';
import { serve } from './serve.ts';

/** A JSON-RPC request on its way to the node. */
export interface ProxiedCall {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What comes in the node's stead: a result, an error, or whatever bytes a hostile node would write. */
export type Interception =
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message: string; readonly data?: string } }
  | ((response: ServerResponse, call: ProxiedCall) => void);

/** A node between the ledger and the real one: passes everything on but what it is told to answer itself. */
export interface NodeProxy {
  readonly url: string;
  /** Asked for every call; undefined passes it on. `forward` asks the real node. */
  intercept: (
    call: ProxiedCall,
    forward: () => Promise<unknown>,
  ) => Interception | undefined | Promise<Interception | undefined>;
  readonly seen: ProxiedCall[];
  close(): Promise<void>;
}

/** Starts a proxy of `node` on an ephemeral port. */
export async function startNodeProxy(node: Pick<DevNode, 'url'>): Promise<NodeProxy> {
  const proxy: Pick<NodeProxy, 'intercept' | 'seen'> = { intercept: () => undefined, seen: [] };
  const handle = async (body: string, response: ServerResponse): Promise<void> => {
    const call = JSON.parse(body) as ProxiedCall;
    proxy.seen.push(call);
    const forward = async (): Promise<string> => {
      const answer = await fetch(node.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      return await answer.text();
    };
    const own = await proxy.intercept(call, async () => (JSON.parse(await forward()) as { result: unknown }).result);
    if (typeof own === 'function') own(response, call);
    else if (own) response.end(JSON.stringify({ jsonrpc: '2.0', id: call.id, ...own }));
    else response.end(await forward());
  };
  const served = await serve((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      handle(Buffer.concat(chunks).toString(), response).catch(() => response.destroy());
    });
    response.on('error', () => undefined);
  });
  return Object.assign(proxy, served);
}
