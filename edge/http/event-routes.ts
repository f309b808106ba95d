import type { RequestHandler, Response } from 'express';
import { DewproofError, hasCode } from '../../core/errors.ts';
import { problemOf } from '../../core/wire/problem.ts';
import { callOf } from '../../platform/http/authenticate.ts';
import { sleep } from '../../platform/sleep.ts';
import type { ViewEvent } from '../hosts/host.ts';
import { findRunning, verifyAllowed } from './access.ts';
import type { EdgeRoutesDeps } from './edge-routes.ts';
import { createListenerCount, type ListenerLimits } from './listener-count.ts';
import { negotiate } from './negotiate.ts';
import { parameterOf, resourceOf } from './parameters.ts';

/** How streams of events are bounded. */
export interface EventLimits extends ListenerLimits {
  /** A comment goes out where nothing else did for so long. */
  readonly heartbeatMs: number;
  /** A listener that takes nothing for so long is cut. */
  readonly drainMs: number;
  /** How often it is asked whether the caller may still listen, where no event asks anyway. */
  readonly recheckMs: number;
}

/** What an edge bears. */
export const defaultEventLimits: EventLimits = {
  maxListeners: 64,
  maxListenersPerCaller: 8,
  heartbeatMs: 15_000,
  drainMs: 10_000,
  recheckMs: 1000,
};

/**
 * `GET …/views/{view}/events`: tells of a view as it changes, as server-sent events, to whom a policy lets read, and
 * only as long as it does. A stream ends where the version it listens to does: whoever connects again goes on from
 * `Last-Event-ID`.
 */
export function followEvents(deps: EdgeRoutesDeps, limits: EventLimits = defaultEventLimits): RequestHandler {
  const listeners = createListenerCount(limits);
  return async (request, response) => {
    const resource = resourceOf(request);
    const { account } = callOf(response);
    const verify = () => {
      verifyAllowed({ account, resource, action: 'read' }, deps);
    };
    verify();
    const { host } = findRunning(resource, deps);
    negotiate({ request, response }, ['text/event-stream']);
    const gone = new AbortController();
    const signal = deps.closing === undefined ? gone.signal : AbortSignal.any([gone.signal, deps.closing]);
    const events = host.subscribe(parameterOf(request, 'view'), { after: request.get('Last-Event-ID'), signal });
    // Nobody is told of a close that was before.
    if (request.socket.destroyed) return;
    const leave = listeners.enter(account ?? request.socket.remoteAddress ?? '');
    response.once('close', () => {
      leave();
      gone.abort();
    });
    response.status(200).set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    await stream({ response, events, gone }, { verify, limits });
  };
}

interface Stream {
  readonly response: Response;
  readonly events: AsyncIterable<ViewEvent>;
  /** Aborted once nobody listens any more. */
  readonly gone: AbortController;
}

async function stream(
  { response, events, gone }: Stream,
  { verify, limits }: { readonly verify: () => void; readonly limits: EventLimits },
): Promise<void> {
  let refusal: unknown;
  const recheck = setInterval(() => {
    try {
      verify();
    } catch (error) {
      refusal = error;
      gone.abort();
    }
  }, limits.recheckMs);
  const heartbeat = setInterval(() => {
    // A listener that does not take what is there gets no more on top.
    if (!response.writableNeedDrain) response.write(':\n\n');
  }, limits.heartbeatMs);
  try {
    // Tells a client to be back soon where the stream ends, and has the headers sent.
    response.write('retry: 1000\n\n');
    for await (const { id, data } of events) {
      verify();
      if (!response.write(`id: ${id}\ndata: ${JSON.stringify(data)}\n\n`))
        await drain({ response, signal: gone.signal }, limits);
      heartbeat.refresh();
    }
  } catch (error) {
    refusal = error;
  } finally {
    clearInterval(recheck);
    clearInterval(heartbeat);
  }
  end(response, refusal);
}

/** Waits until a listener took what was sent, or the signal aborts. @throws SLOW_RETRIEVAL */
async function drain(
  { response, signal }: { readonly response: Response; readonly signal: AbortSignal },
  { drainMs }: EventLimits,
): Promise<void> {
  const waited = new AbortController();
  const drained = new Promise<boolean>((resolve) => {
    response.once('drain', () => {
      resolve(true);
    });
    // Taken back below: a listener that is slow for months must not leave one behind at each event.
    signal.addEventListener(
      'abort',
      () => {
        resolve(true);
      },
      { signal: waited.signal },
    );
  });
  const late = sleep(drainMs, waited.signal).then(() => false);
  const isDrained = await Promise.race([drained, late]);
  waited.abort();
  if (!isDrained) throw new DewproofError('SLOW_RETRIEVAL', `This listener took nothing for ${drainMs} ms.`);
}

/** Says why, where there is a reason: under a name of its own, so that nobody takes it for an event of the view. */
function end(response: Response, refusal: unknown): void {
  if (response.destroyed) return;
  if (hasCode(refusal, 'SLOW_RETRIEVAL')) {
    // What waits for this listener would wait for ever.
    response.destroy();
    return;
  }
  if (refusal !== undefined) response.write(`event: problem\ndata: ${JSON.stringify(problemOf(refusal))}\n\n`);
  response.end();
}
