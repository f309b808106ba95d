import type { RequestHandler } from 'express';
import { DewproofError } from '../../core/errors.ts';
import type { Clock } from '../clock.ts';
import { networkOf } from './network-of.ts';

/** How often one address may call, and all together; each may save up `burst` calls. */
export interface CallLimits {
  readonly perSecond: number;
  readonly burst: number;
  readonly totalPerSecond: number;
  readonly totalBurst: number;
}

/** More addresses than connections: what is forgotten is who called longest ago, whose bucket is full again. */
const MAX_ADDRESSES = 4096;

interface Bucket {
  tokens: number;
  atMs: number;
}

/** Express handler that lets calls through as fast as `limits` say (token buckets) and refuses the others. @throws TOO_MANY */
export function limitCalls(limits: CallLimits, { clock }: { readonly clock: Clock }): RequestHandler {
  const own = { perSecond: limits.perSecond, burst: limits.burst };
  const all = { perSecond: limits.totalPerSecond, burst: limits.totalBurst };
  const total: Bucket = { tokens: all.burst, atMs: clock() };
  const buckets = new Map<string, Bucket>();
  return (request, _response, next) => {
    const nowMs = clock();
    const caller = networkOf(request.socket.remoteAddress ?? '');
    const bucket = buckets.get(caller) ?? { tokens: own.burst, atMs: nowMs };
    // Set anew, so that the first of the map is always who called longest ago.
    buckets.delete(caller);
    buckets.set(caller, bucket);
    const [oldest] = buckets.keys();
    if (buckets.size > MAX_ADDRESSES && oldest !== undefined) buckets.delete(oldest);
    // One caller's own limit first: what it is refused takes nothing of the others'.
    if (take(bucket, { ...own, nowMs }) && take(total, { ...all, nowMs })) next();
    else throw new DewproofError('TOO_MANY', 'This is called more often than is allowed here; call again later.');
  };
}

function take(
  bucket: Bucket,
  { perSecond, burst, nowMs }: { perSecond: number; burst: number; nowMs: number },
): boolean {
  // A clock that was set back gives nothing and takes nothing.
  const sinceMs = Math.max(0, nowMs - bucket.atMs);
  bucket.tokens = Math.min(burst, bucket.tokens + (sinceMs / 1000) * perSecond);
  bucket.atMs = nowMs;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}
