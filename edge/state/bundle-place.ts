import { digestOf, type Digest } from '../../core/digest.ts';
import { fetchCapped } from '../../platform/http/fetch-capped.ts';
import { bodyOfAnswer } from '../dew-answer.ts';

/** Many times what a bundle of a thousand resources takes. */
const MAX_BUNDLE_BYTES = 4_194_304;
const MIN_BYTES_PER_SECOND = 1024;
const MAX_ANSWER_MS = 30_000;
/** Of our own servers; a hostile one must not have others' words repeated to it. */
const TAG = /^"[0-9a-f]{64}"$/;

/** One server's newest bundle, and what is remembered of it. */
export interface BundlePlace {
  readonly url: string;
  /**
   * Asks for a bundle that is another one than `known`.
   * @throws ENDLESS_DATA, SLOW_RETRIEVAL, NOT_FOUND, DEW_UNAVAILABLE, what `signal` aborts with
   */
  ask(
    known: Digest | undefined,
    signal: AbortSignal,
  ): Promise<{ readonly bundle: Uint8Array; readonly digest: Digest } | 'nothing-newer' | 'refused-before'>;
  /** Its bundle of this digest is not wanted again. */
  refuse(digest: Digest): void;
  /** Everything it has is wanted again. */
  forget(): void;
}

/** Remembers of a server the tag of what it said last, so that what is known or was refused is not fetched again. */
export function createBundlePlace({
  url,
  maxAnswerMs = MAX_ANSWER_MS,
}: {
  readonly url: string;
  readonly maxAnswerMs?: number;
}): BundlePlace {
  let last: { readonly tag: string | undefined; readonly digest: Digest } | undefined;
  let refused: Digest | undefined;

  const verdictOn = (digest: Digest) => (digest === refused ? 'refused-before' : 'nothing-newer');
  return {
    url,
    ask: async (known, signal) => {
      // A tag stands for bytes that this server sent: it counts only while those are known or were refused.
      const isSettled = last !== undefined && (last.digest === known || last.digest === refused);
      const tag = isSettled ? last?.tag : undefined;
      const response = await fetchCapped(url, {
        headers: tag === undefined ? {} : { 'if-none-match': tag },
        maxBytes: MAX_BUNDLE_BYTES,
        minBytesPerSecond: MIN_BYTES_PER_SECOND,
        totalMs: maxAnswerMs,
        signal,
      });
      if (response.status === 304 && tag !== undefined && last !== undefined) return verdictOn(last.digest);
      const bundle = bodyOfAnswer(response, { url });
      const { etag } = response.headers;
      last = { tag: etag !== undefined && TAG.test(etag) ? etag : undefined, digest: digestOf(bundle) };
      const { digest } = last;
      return digest === known || digest === refused ? verdictOn(digest) : { bundle, digest };
    },
    refuse: (digest) => {
      refused = digest;
    },
    forget: () => {
      last = undefined;
      refused = undefined;
    },
  };
}
