import { json } from 'node:stream/consumers';
import { serve, type Served } from './serve.ts';

/** What a node is asked. */
export interface RpcCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** Serves JSON-RPC as a node does, one call a request; `answer` gives the result. */
export function serveRpc(answer: (call: RpcCall) => unknown): Promise<Served> {
  return serve((request, response) => {
    void json(request).then((asked) => {
      const { id, ...call } = asked as RpcCall & { readonly id: unknown };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ jsonrpc: '2.0', id, result: answer(call) }));
    });
  });
}
