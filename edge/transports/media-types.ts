import type { PayloadSpec } from '../../core/document/schema.ts';

/** How formats are called over HTTP (media types) and over CoAP (RFC 7252 section 12.3, RFC 7049 section 7.4). */
export const mediaTypes: Readonly<Record<PayloadSpec['format'], { readonly http: string; readonly coap: number }>> = {
  number: { http: 'text/plain; charset=utf-8', coap: 0 },
  text: { http: 'text/plain; charset=utf-8', coap: 0 },
  json: { http: 'application/json', coap: 50 },
  cbor: { http: 'application/cbor', coap: 60 },
  binary: { http: 'application/octet-stream', coap: 42 },
};
