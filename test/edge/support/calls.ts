import { request } from 'undici';
import type { CallSigner } from '../../../core/calls.ts';

/** An answer of the edge. */
export interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: Record<string, unknown> & { readonly code?: string };
}

/** Asks a URL as a client would, signed where there is a signer; with a body, by POST. */
export async function ask(url: string, signer?: CallSigner, body?: string): Promise<Answer> {
  const method = body === undefined ? 'GET' : 'POST';
  const bytes = body === undefined ? undefined : Buffer.from(body);
  const headers = await signer?.sign({ method, url, headers: {}, body: bytes });
  const response = await request(url, { method, headers: { ...headers }, ...(bytes && { body: bytes }) });
  const text = (await response.body.text()) || '{}';
  const type = response.headers['content-type'];
  return {
    status: response.statusCode,
    type: typeof type === 'string' ? type : undefined,
    body: JSON.parse(text) as Answer['body'],
  };
}
