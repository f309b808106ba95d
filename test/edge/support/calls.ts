import { request } from 'undici';
import type { CallSigner } from '../../../core/calls.ts';

/** An answer of the edge. */
export interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: Record<string, unknown> & { readonly code?: string };
}

/** Asks a URL as a client would, signed where there is a signer. */
export async function ask(url: string, signer?: CallSigner): Promise<Answer> {
  const headers = await signer?.sign({ method: 'GET', url, headers: {}, body: undefined });
  const response = await request(url, { headers: { ...headers } });
  const text = await response.body.text();
  const type = response.headers['content-type'];
  return {
    status: response.statusCode,
    type: typeof type === 'string' ? type : undefined,
    body: JSON.parse(text) as Answer['body'],
  };
}
