import type { RequestHandler } from 'express';
import { digestOf } from '../../core/digest.ts';
import { MAX_ANCHORS } from '../../core/state/plan-anchors.ts';
import type { SignedAnchor } from '../../core/state/signed-anchor.ts';
import { anchorsAnswerSchema, MAX_ANCHORS_BYTES } from '../../core/wire/anchors.ts';
import type { Operation } from '../http/api.ts';
import type { Anchors } from './open-anchors.ts';

/** `GET /v1/anchors`, on dews and edges alike. */
export const anchorsOperation = {
  summary: 'Trust anchors that roots signed, the newest last; each device verifies them',
  access: 'open',
  answer: { schema: anchorsAnswerSchema },
  tagged: true,
} as const satisfies Operation;

const NONE: readonly SignedAnchor[] = [];

/** Serves the newest signed anchors, none where there is no keeper, to anyone: they are public, and prove themselves. */
export function answerAnchors(anchors: Pick<Anchors, 'signed'> | undefined): RequestHandler {
  let served: { readonly of: readonly SignedAnchor[]; readonly body: Buffer; readonly tag: string } | undefined;
  return (request, response) => {
    const all = anchors?.signed() ?? NONE;
    if (served?.of !== all) {
      const body = bodyOf(all);
      served = { of: all, body, tag: `"${digestOf(body).slice('sha256:'.length)}"` };
    }
    response.set({ ETag: served.tag, 'Cache-Control': 'no-cache' });
    if (request.fresh) response.status(304).end();
    else response.type('application/json').send(served.body);
  };
}

/** As many of the newest as a device reads: who lacks older ones gets them by file. */
function bodyOf(all: readonly SignedAnchor[]): Buffer {
  const texts = all.slice(-MAX_ANCHORS).map((one) => JSON.stringify(one));
  const room = MAX_ANCHORS_BYTES - '{"anchors":[]}'.length;
  while (texts.reduce((total, text) => total + Buffer.byteLength(text) + 1, 0) > room) texts.shift();
  return Buffer.from(`{"anchors":[${texts.join(',')}]}`);
}
