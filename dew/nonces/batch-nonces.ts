import type { Bytes32 } from '../../core/digest.ts';
import { DewproofError } from '../../core/errors.ts';
import { MAX_NONCE_NOTE_BYTES, MAX_NONCE_NOTES, type NonceNotes } from '../../core/wire/nonce-notes.ts';
import { batchNonce, MAX_BATCH_NONCES } from '../../core/witness/batch-nonce.ts';
import { sleep } from '../../platform/sleep.ts';
import { untilAborted } from '../../core/until-aborted.ts';
import type { AskWitnesses } from '../sources.ts';

/** A witness lets one address have 5 nonces a second signed, and devices may ask it from there too. */
const PAUSE_MS = 1000;

/** Who asks, from which network, with a nonce of its own. */
export interface NonceQuestion {
  readonly nonce: Bytes32;
  readonly from: string;
}

/** Has witnesses asked for whoever waits, all at once. */
export interface NonceBatches {
  /** Waits for the next batch, and for what witnesses say to it. @throws TOO_MANY, LEDGER_UNAVAILABLE (it closes), what `ask` throws */
  join(question: NonceQuestion): Promise<NonceNotes>;
  /** Waits for no witness: who still waits is refused, and nobody is asked any more. */
  readonly close: () => Promise<void>;
}

interface Place extends NonceQuestion {
  readonly done: PromiseWithResolvers<NonceNotes>;
}

/**
 * Gathers the nonces of all who ask while witnesses are asked for those before, and has the witnesses sign them as one: a
 * second apart, whoever asks and however many, so that nobody can use up through a dew what witnesses allow it. A full
 * batch takes another in at the cost of the network that has the most places.
 */
export function createNonceBatches({
  ask,
  asked = () => undefined,
  pauseMs = PAUSE_MS,
  mostWaiting = MAX_BATCH_NONCES,
}: {
  readonly ask: AskWitnesses;
  /** Told how many nonces went along in a batch. */
  readonly asked?: (nonces: number) => void;
  readonly pauseMs?: number;
  readonly mostWaiting?: number;
}): NonceBatches {
  const closing = new AbortController();
  let waiting: readonly Place[] = [];
  let running: Promise<void> | undefined;

  function makeRoom(from: string): void {
    if (waiting.length < mostWaiting) return;
    const loads = new Map<string, number>();
    for (const place of waiting) loads.set(place.from, (loads.get(place.from) ?? 0) + 1);
    const most = Math.max(...loads.values());
    const last = waiting.findLast((place) => loads.get(place.from) === most);
    if (last === undefined || (loads.get(from) ?? 0) + 1 >= most) throw tooMany();
    waiting = waiting.filter((place) => place !== last);
    last.done.reject(tooMany());
  }

  async function answer(batch: readonly Place[]): Promise<void> {
    try {
      const nonces = [...new Set(batch.map(({ nonce }) => nonce))];
      asked(nonces.length);
      const answers = await untilAborted(ask(batchNonce(nonces)), closing.signal);
      const notes = answers.filter(({ note }) => note.length <= MAX_NONCE_NOTE_BYTES);
      const texts = notes.map(({ witness, note }) => ({ witness, note: Buffer.from(note).toString('utf8') }));
      for (const { done } of batch) done.resolve({ nonces, notes: texts.slice(0, MAX_NONCE_NOTES) });
    } catch (error) {
      for (const { done } of batch) done.reject(error);
    }
  }

  async function run(): Promise<void> {
    while (waiting.length > 0 && !closing.signal.aborted) {
      const batch = waiting;
      waiting = [];
      await answer(batch);
      await sleep(pauseMs, closing.signal);
    }
    running = undefined;
  }

  return {
    join: async (question) => {
      closing.signal.throwIfAborted();
      makeRoom(question.from);
      const place = { ...question, done: Promise.withResolvers<NonceNotes>() };
      // Who waited may have given up.
      place.done.promise.catch(() => undefined);
      waiting = [...waiting, place];
      running ??= run();
      return place.done.promise;
    },
    close: async () => {
      closing.abort(new DewproofError('LEDGER_UNAVAILABLE', 'The dew is closing.'));
      await running;
      for (const { done } of waiting) done.reject(closing.signal.reason);
      waiting = [];
    },
  };
}

function tooMany(): DewproofError {
  return new DewproofError('TOO_MANY', 'Too many ask this dew for the time at once; ask again later.');
}
