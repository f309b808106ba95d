import type { Account } from '../core/account.ts';
import type { CallSigner } from '../core/calls.ts';
import { digestOf, type Digest } from '../core/digest.ts';
import { DewproofError, hasCode } from '../core/errors.ts';
import type { SignedOutcome } from '../core/rollout/outcome.ts';
import { assignmentListSchema, type AssignmentList } from '../core/wire/assignment.ts';
import { parseJsonBytes } from '../core/wire/json-bytes.ts';
import { fetchCapped } from '../platform/http/fetch-capped.ts';
import { bodyOfAnswer } from './dew-answer.ts';
import { noDew } from './no-dew.ts';

// 1,000 assignments have some 200 KB, and 32 of the largest rollout orders 700 KB.
const MAX_ASSIGNMENT_BYTES = 1_048_576;
const MAX_ANSWER_BYTES = 4096;
const MIN_BYTES_PER_SECOND = 1024;
const MAX_ANSWER_MS = 30_000;
// What a device asks at once; a hundred documents come one after the other.
const MAX_CALLS = 4;

/** A thing named by its digest: which route has it, and how long it can be. */
export interface ContentName {
  readonly kind: 'documents' | 'artifacts';
  readonly digest: Digest;
  readonly maxBytes: number;
}

/** What a device asks of the dews around it, each of which may be hostile: the first that answers well counts. */
export interface DewClient {
  /**
   * What to run; undefined where nothing changed since the last list that was taken.
   * @throws the last dew's failure: DEW_UNAVAILABLE, ENDLESS_DATA, SLOW_RETRIEVAL, SCHEMA, WRONG_DEVICE
   */
  assignments(signal: AbortSignal): Promise<AssignmentList | undefined>;
  /** The last list could not be taken: the next one is to come whole. */
  readonly forgetAssignments: () => void;
  /**
   * Bytes that have this digest.
   * @throws DIGEST_MISMATCH, ENDLESS_DATA, SLOW_RETRIEVAL, NOT_FOUND, DEW_UNAVAILABLE: the worst of all dews
   */
  readonly content: (name: ContentName, signal: AbortSignal) => Promise<Uint8Array>;
  /** Tells how rollouts fare here. @throws the last dew's failure: DEW_UNAVAILABLE, NOT_FOUND (it knows no rollouts) */
  report(outcomes: readonly SignedOutcome[], signal: AbortSignal): Promise<void>;
}

/** Whom to ask as whom; `onRefusal` hears of each dew that answered badly, also where another one helped out. */
export interface DewClientOptions {
  readonly urls: readonly string[];
  readonly signer: CallSigner;
  readonly account: Account;
  readonly onRefusal: (refusal: { readonly url: string; readonly error: DewproofError }) => void;
  /** Default 30,000. */
  readonly maxAnswerMs?: number;
}

/** Makes a client of several dews. */
export function createDewClient(options: DewClientOptions): DewClient {
  const run = createLimit(MAX_CALLS);
  const tags = new Map<string, string>();
  let takenFrom: string | undefined;

  const call = (url: string, { path, maxBytes, etag, body, signal }: Call) =>
    run(() =>
      fetchCapped(new URL(path, url).href, {
        signer: options.signer,
        ...(body !== undefined && { method: 'POST', body }),
        headers: {
          ...(etag !== undefined && { 'if-none-match': etag }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        maxBytes,
        minBytesPerSecond: MIN_BYTES_PER_SECOND,
        totalMs: options.maxAnswerMs ?? MAX_ANSWER_MS,
        signal,
      }),
    );

  async function assignmentsOf(url: string, signal: AbortSignal): Promise<AssignmentList | undefined> {
    // A tag stands for the list that was taken last: after another dew's list, this one's must come whole.
    const etag = takenFrom === url ? tags.get(url) : undefined;
    const path = `/v1/assignments/${options.account}`;
    const response = await call(url, { path, maxBytes: MAX_ASSIGNMENT_BYTES, etag, signal });
    if (response.status === 304 && etag !== undefined) return undefined;
    const list = parseAssignments(bodyOfAnswer(response, { url }), options.account);
    takenFrom = url;
    const fresh = response.headers['etag'];
    if (fresh === undefined) tags.delete(url);
    else tags.set(url, fresh);
    return list;
  }

  async function contentOf(url: string, { name, signal }: { name: ContentName; signal: AbortSignal }) {
    const path = `/v1/${name.kind}/${name.digest}`;
    const response = await call(url, { path, maxBytes: name.maxBytes, signal });
    const bytes = bodyOfAnswer(response, { url });
    if (digestOf(bytes) === name.digest) return bytes;
    throw new DewproofError('DIGEST_MISMATCH', `${url} answered with other bytes than were approved; ask another dew.`);
  }

  async function reportTo(url: string, { body, signal }: { body: Uint8Array; signal: AbortSignal }): Promise<void> {
    bodyOfAnswer(await call(url, { path: '/v1/outcomes', maxBytes: MAX_ANSWER_BYTES, body, signal }), { url });
  }

  /** Tries dew after dew; what is kept of the bad ones is only why. */
  async function askAll<Answer>(signal: AbortSignal, ask: (url: string) => Promise<Answer>): Promise<Answer> {
    const failures: DewproofError[] = [];
    for (const url of options.urls) {
      try {
        return await ask(url);
      } catch (error) {
        signal.throwIfAborted();
        if (!hasCode(error)) throw error;
        failures.push(error);
        options.onRefusal({ url, error });
      }
    }
    throw worstOf(failures);
  }

  return {
    assignments: (signal) => askAll(signal, (url) => assignmentsOf(url, signal)),
    forgetAssignments: () => {
      takenFrom = undefined;
    },
    content: (name, signal) => askAll(signal, (url) => contentOf(url, { name, signal })),
    report: async (outcomes, signal) => {
      const body = Buffer.from(JSON.stringify({ outcomes }));
      await askAll(signal, (url) => reportTo(url, { body, signal }));
    },
  };
}

interface Call {
  readonly path: string;
  readonly maxBytes: number;
  readonly etag?: string | undefined;
  /** Posted where there is one. */
  readonly body?: Uint8Array;
  readonly signal: AbortSignal;
}

function parseAssignments(bytes: Uint8Array, account: Account): AssignmentList {
  const parsed = assignmentListSchema.safeParse(parseJsonBytes(bytes));
  if (!parsed.success) throw new DewproofError('SCHEMA', 'A dew answered with something that is no assignment list.');
  if (parsed.data.device === account) return parsed.data;
  throw new DewproofError('WRONG_DEVICE', `A dew answered with the assignments of ${parsed.data.device}.`);
}

/** An attack tells more than a failure. */
function worstOf(failures: readonly DewproofError[]): DewproofError {
  const order = ['DIGEST_MISMATCH', 'ENDLESS_DATA', 'SLOW_RETRIEVAL', 'WRONG_DEVICE', 'SCHEMA', 'NOT_FOUND'] as const;
  const found = order.map((code) => failures.find((failure) => failure.code === code)).find((failure) => failure);
  return found ?? failures[0] ?? noDew();
}

function createLimit(most: number) {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async <T>(task: () => Promise<T>): Promise<T> => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
