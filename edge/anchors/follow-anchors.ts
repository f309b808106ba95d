import { DewproofError, hasCode } from '../../core/errors.ts';
import { MAX_ANCHORS_BYTES, parseAnchors } from '../../core/wire/anchors.ts';
import type { Anchors } from '../../platform/anchors/open-anchors.ts';
import { fetchCapped } from '../../platform/http/fetch-capped.ts';
import { sleep } from '../../platform/sleep.ts';
import { codedError } from '../coded-error.ts';
import type { Refusals } from '../refusals.ts';

/** Small files over a barn's wireless link. */
const LIMITS = { maxBytes: MAX_ANCHORS_BYTES, minBytesPerSecond: 1024, totalMs: 30_000 };
/** Of our own servers; a hostile one must not have others' words repeated to it. */
const TAG = /^"[0-9a-f]{64}"$/;
// However often it is woken, a source is asked no more often than this.
const LEAST_PAUSE_MS = 1000;
// What waits for one that is asked beside all others waits no longer.
const ASK_ONE_MS = 5_000;
// Whoever keeps an answer back costs half a minute: so many of a group's edges must not hold up the next round by more.
const FOUND_AT_ONCE = 4;

/** What following anchors needs; `random` answers 0 up to but not including 1. */
export interface FollowAnchorsDeps {
  readonly anchors: Anchors;
  /** Dews and other edges (no slash at their ends); all are asked, since one may withhold what another has. */
  readonly urls: readonly string[];
  /** Further edges, of which nobody was named here: some are asked each time, in turn. */
  readonly foundUrls?: () => readonly string[];
  readonly everyMs: number;
  readonly refusals: Pick<Refusals, 'record'>;
  readonly random: () => number;
}

/** Follows until closed. */
export interface AnchorsFollower {
  /** Asks soon: somebody hinted that there is news. */
  readonly wake: () => void;
  /** Asks one source now, and hears of nothing but what it has; a slow one is not waited for. */
  readonly ask: (url: string) => Promise<void>;
  close(): Promise<void>;
}

/** Asks every source for newer anchors at an interval, and sooner when woken; one that lies spoils nothing of the others'. */
export function followAnchors(deps: FollowAnchorsDeps): AnchorsFollower {
  const { anchors, everyMs, refusals, random } = deps;
  const life = new AbortController();
  const { signal } = life;
  const tags = new Map<string, string>();
  let woken = new AbortController();
  let round = 0;
  // With another anchor in use, what a source was refused for may hold now.
  anchors.onChange(() => {
    tags.clear();
  });

  async function follow(): Promise<void> {
    while (!signal.aborted) {
      woken = new AbortController();
      for (const url of nextUrls()) await visit(url);
      await sleep(everyMs * (0.8 + 0.4 * random()), AbortSignal.any([signal, woken.signal]));
      await sleep(Math.min(LEAST_PAUSE_MS, everyMs), signal);
    }
  }

  function nextUrls(): readonly string[] {
    const found = (deps.foundUrls?.() ?? []).filter((url) => !deps.urls.includes(url));
    const from = FOUND_AT_ONCE * round++;
    const inTurn = found.map((_, index) => found[(from + index) % found.length]).slice(0, FOUND_AT_ONCE);
    for (const url of tags.keys()) if (!deps.urls.includes(url) && !found.includes(url)) tags.delete(url);
    return [...deps.urls, ...inTurn.flatMap((url) => url ?? [])];
  }

  async function visit(url: string, totalMs = LIMITS.totalMs): Promise<void> {
    try {
      signal.throwIfAborted();
      const answer = await ask(url, totalMs);
      if (answer === undefined) return;
      const { refusal } = await anchors.take(parseAnchors(answer.body));
      // Refused or not: the same bytes are not worth the same work again.
      if (TAG.test(answer.tag ?? '')) tags.set(url, answer.tag ?? '');
      if (refusal !== undefined) throw refusal;
    } catch (error) {
      if (signal.aborted) return;
      const { code, message } = codedError(error, { code: 'INTERNAL', what: 'Anchors could not be seen to' });
      // That a source is away, whoever asks it for more tells.
      if (!hasCode(error, 'DEW_UNAVAILABLE')) refusals.record({ about: url, code, message });
    }
  }

  /** Undefined where there is nothing new, or the source is of a release that has no anchors. */
  async function ask(
    url: string,
    totalMs: number,
  ): Promise<{ readonly body: Uint8Array; readonly tag: string | undefined } | undefined> {
    const known = tags.get(url);
    const headers = known === undefined ? {} : { 'if-none-match': known };
    const {
      status,
      body,
      headers: answered,
    } = await fetchCapped(`${url}/v1/anchors`, {
      ...LIMITS,
      totalMs,
      headers,
      signal,
    });
    if (status === 304 || status === 404) return undefined;
    if (status === 200) return { body, tag: answered['etag'] };
    throw new DewproofError('DEW_UNAVAILABLE', `${url} answered ${status} where anchors were asked for.`);
  }

  const ended = follow();
  return {
    wake: () => {
      woken.abort();
    },
    ask: (url) => visit(url, ASK_ONE_MS),
    close: async () => {
      life.abort();
      await ended;
    },
  };
}
