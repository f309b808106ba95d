import type { Request, Response } from 'express';
import { parseDigest, type Digest } from '../../core/digest.ts';
import { unixSeconds, type Clock } from '../../platform/clock.ts';
import { callOf } from '../../platform/http/authenticate.ts';
import type { Offer } from '../provisioning.ts';
import type { CallerQuestion } from '../verify-caller.ts';

/** A path's parameter as text; empty where there is none. */
export function parameter(request: Request, name: string): string {
  const value = request.params[name];
  return typeof value === 'string' ? value : '';
}

/** The digest in a path. @throws SCHEMA */
export function digestParameter(request: Request): Digest {
  return parseDigest(parameter(request, 'digest'));
}

/** Who calls, to be held against the state that the dew offers; its clock may be lost, and is never before that state. */
export function callerOf(response: Response, { offer, clock }: { offer: Offer; clock: Clock }): CallerQuestion {
  const { state } = offer.known;
  const [nowBlock, nowClock] = [state.block?.time ?? 0n, unixSeconds(clock)];
  return { account: callOf(response).account, state, now: nowBlock > nowClock ? nowBlock : nowClock };
}

/** Answers bytes that are named by their digest; whoever has them already is told so (RFC 9110, section 13). */
export function sendTagged(
  { request, response }: { request: Request; response: Response },
  { tag, type, bytes }: { tag: string; type: string; bytes: Uint8Array },
): void {
  response.set({ ETag: `"${tag}"`, 'Cache-Control': 'private, no-cache' });
  if (request.fresh) response.status(304).end();
  else response.type(type).send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}
