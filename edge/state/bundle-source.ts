import { digestOf, type Digest } from '../../core/digest.ts';
import { hasCode, type DewproofError } from '../../core/errors.ts';
import type { StateSource } from '../../core/state/ports.ts';
import { sleep } from '../../platform/sleep.ts';
import { createBundlePlace, type BundlePlace } from './bundle-place.ts';

// One server that only ever has nothing newer, or old heads one by one, must not keep the others' from being heard.
const ASKS_IN_A_ROW = 6;
// However many hints come, nobody is asked more often than this.
const LEAST_PAUSE_MS = 1000;

/** Where bundles are served, and how often to ask. */
export interface BundleSourceOptions {
  /** The bundles' own URLs, whom to ask first, first. */
  readonly urls: () => readonly string[];
  readonly everyMs: number;
  /** After so many times another server is asked first; default 6. */
  readonly asksInARow?: number;
  /** 0 up to but not including 1. */
  readonly random: () => number;
  /** For one whole answer; default 30,000. */
  readonly maxAnswerMs?: number;
  /** Hears what one server (`http://host:port`) did wrong, and undefined where it answered, if only with nothing newer. */
  readonly onAnswer?: (answer: { readonly server: string; readonly error: DewproofError | undefined }) => void;
}

/** A source of proof bundles over HTTP; its servers are hostile until a bundle of theirs was accepted. */
export interface BundleSource extends StateSource {
  /** Asks soon: somebody hinted that there is news. */
  readonly wake: () => void;
  /** Whatever servers have is wanted again, also what was refused. */
  readonly forget: () => void;
  /** The server (`http://host:port`) that a yielded bundle came from. */
  readonly originOf: (bundle: Uint8Array) => string | undefined;
}

/**
 * Makes a source that asks one server after the other for its newest bundle. The first that answers well is enough, and
 * who is first changes; one whose bundle was refused goes to the end of the line, and that bundle is not taken from it
 * again.
 */
export function createBundleSource(options: BundleSourceOptions): BundleSource {
  const closing = new AbortController();
  const origins = new WeakMap<Uint8Array, string>();
  const asksInARow = options.asksInARow ?? ASKS_IN_A_ROW;
  let asks = 0;
  let places: BundlePlace[] = [];
  let woken = new AbortController();
  let offered:
    { readonly place: BundlePlace; readonly digest: Digest; readonly before: Digest | undefined } | undefined;

  /** Servers may come and go (peers do); those that stay keep their rank. */
  function lineUp(): void {
    const urls = options.urls();
    const staying = places.filter(({ url }) => urls.includes(url));
    const added = urls.filter((url) => !staying.some((place) => place.url === url));
    places = [...staying, ...added.map((url) => createBundlePlace({ ...options, url }))];
  }

  /** A watch that goes on from what was known before a bundle was yielded says that this one was refused. */
  function judgeOffer(known: Digest | undefined): void {
    const last = offered;
    offered = undefined;
    if (last !== undefined && known === last.before) {
      last.place.refuse(last.digest);
      demote(last.place);
    }
  }

  function takeTurns(): void {
    const [first] = places;
    if (first !== undefined && asks++ % asksInARow === asksInARow - 1) demote(first);
  }

  function demote(place: BundlePlace): void {
    places = [...places.filter((one) => one !== place), place];
  }

  /** The next bundle that is news; undefined where nobody has any. That nobody answered at all is trouble. */
  async function findNews(
    known: Digest | undefined,
    {
      signal,
      onTrouble,
      onNothingNewer,
    }: { signal: AbortSignal } & Pick<Parameters<StateSource['watch']>[0], 'onTrouble' | 'onNothingNewer'>,
  ): Promise<Uint8Array | undefined> {
    lineUp();
    takeTurns();
    let trouble: DewproofError | undefined;
    for (const place of [...places]) {
      try {
        const answer = await place.ask(known, signal);
        options.onAnswer?.({ server: serverOf(place), error: undefined });
        if (answer === 'nothing-newer') {
          onNothingNewer?.();
          return undefined;
        }
        if (answer === 'refused-before') continue;
        offered = { place, digest: answer.digest, before: known };
        origins.set(answer.bundle, serverOf(place));
        return answer.bundle;
      } catch (error) {
        signal.throwIfAborted();
        if (!hasCode(error)) throw error;
        options.onAnswer?.({ server: serverOf(place), error });
        trouble = error;
        // One that is away costs little; one that keeps the device waiting is asked last.
        if (hasCode(error, 'ENDLESS_DATA', 'SLOW_RETRIEVAL')) demote(place);
      }
    }
    if (trouble !== undefined) onTrouble(trouble);
    return undefined;
  }

  async function* watch(request: Parameters<StateSource['watch']>[0]): AsyncGenerator<Uint8Array> {
    const signal = AbortSignal.any([request.signal, closing.signal]);
    let known = request.known && digestOf(request.known);
    judgeOffer(known);
    while (!signal.aborted) {
      woken = new AbortController();
      const news = await orNothing(findNews(known, { ...request, signal }), signal);
      if (news !== undefined) {
        yield news;
        // Whoever comes back for more took it.
        offered = undefined;
        known = digestOf(news);
      }
      await sleep(options.everyMs * (0.8 + 0.4 * options.random()), AbortSignal.any([signal, woken.signal]));
      await sleep(Math.min(LEAST_PAUSE_MS, options.everyMs), signal);
    }
  }

  return {
    watch,
    wake: () => {
      woken.abort();
    },
    forget: () => {
      // Also the one that is being judged: by what counted before.
      offered = undefined;
      for (const one of places) one.forget();
    },
    originOf: (bundle) => origins.get(bundle),
    close: () => {
      closing.abort();
      return Promise.resolve();
    },
  };
}

function serverOf({ url }: BundlePlace): string {
  return new URL(url).origin;
}

async function orNothing<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
