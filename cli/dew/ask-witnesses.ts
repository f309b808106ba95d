import type { AskNote, CollectDeps } from '../../chain/light/witness/collect-quorum.ts';
import { quorumOf } from '../../core/state/quorum.ts';
import { DewproofError } from '../../core/errors.ts';
import type { Finality } from '../../core/state/finality.ts';
import type { Log } from '../../platform/log.ts';
import { openWitnessClient } from '../../platform/witness/witness-client.ts';
import type { WitnessTrouble } from '../../dew/bundles/follow-bundles.ts';
import type { WitnessAddress } from '../bundle/collect-note.ts';

/** One that hangs holds the others up for so long, and then not for `REST_MS`; one that refuses at once holds up nobody. */
const TIMEOUT_MS = 2_000;
const SLOW_MS = 500;
const REST_MS = 10_000;
/** What a witness was last told of for counts for so long: longer than it rests, and than a dew waits between looks. */
const REMEMBERED_MS = 60_000;

/** Asks witnesses, and tells of those who were of no use of late. */
export type WitnessAsking = Pick<CollectDeps, 'ask' | 'onTrouble'> & {
  readonly troubles: () => readonly WitnessTrouble[];
};

type ByWitnesses = Extract<Finality, { kind: 'witnesses' }>;

/** Which of the anchor's witnesses can be asked. */
export interface AskingPlan {
  readonly known: readonly WitnessAddress[];
  /** Witnesses that an older anchor named, perhaps: they are left alone, and keep no dew from starting. */
  readonly strangers: readonly string[];
  readonly unasked: readonly string[];
  /** Where those that can be asked are no quorum, what to do. */
  readonly tooFew: DewproofError | undefined;
}

/** Plans which witnesses are asked: those of the anchor that `addresses` name. */
export function planAsking({ witnesses }: ByWitnesses, addresses: readonly WitnessAddress[]): AskingPlan {
  const names = witnesses.map(({ name }) => name);
  const known = addresses.filter(({ name }) => names.includes(name));
  const strangers = addresses.flatMap(({ name }) => (names.includes(name) ? [] : [name]));
  const unasked = names.filter((name) => !known.some((one) => one.name === name));
  const needed = quorumOf(names.length);
  const tooFew =
    names.length - unasked.length >= needed
      ? undefined
      : new DewproofError(
          'CONFIG',
          `The anchor trusts ${needed} of ${names.join(', ')}; name where ${unasked.join(', ')} answer, under \`witnesses:\` of the home's config.yaml (\`- { name: ${unasked[0]}, url: 'http://…' }\`) or with --witness. A dew that runs reads that file again by itself.`,
        );
  return { known, strangers, unasked, tooFew };
}

/**
 * Asks witnesses over HTTP again and again: one that fails or lies is told of in the log, once for each code until it was
 * well for a while, and in `troubles`; one that hangs is left alone for a while.
 * @throws CONFIG (too few of them are known)
 */
export function askWitnesses(
  addresses: readonly WitnessAddress[],
  {
    finality,
    signal,
    log,
    elapsedMs = () => performance.now(),
  }: {
    readonly finality: ByWitnesses;
    readonly signal: AbortSignal;
    readonly log: Log;
    readonly elapsedMs?: () => number;
  },
): WitnessAsking {
  const { known, strangers, unasked, tooFew } = planAsking(finality, addresses);
  if (tooFew) throw tooFew;
  const names = finality.witnesses.map(({ name }) => name).join(', ');
  for (const name of strangers) {
    log.warn({ witness: name }, `The anchor has no witness ${name}, which is not asked; it has ${names}.`);
  }
  for (const name of unasked) {
    log.warn(
      { witness: name },
      `Nothing says where the anchor's witness ${name} answers: name its URL under \`witnesses:\` of config.yaml, which is read again by itself.`,
    );
  }
  const clients = new Map(
    known.map(({ name, url }) => [name, openWitnessClient({ url, signal, timeoutMs: TIMEOUT_MS })]),
  );
  const troubles = new Map<string, WitnessTrouble & { readonly atMs: number }>();
  const recent = () => [...troubles.values()].filter(({ atMs }) => elapsedMs() - atMs < REMEMBERED_MS);
  const restUntilMs = new Map<string, number>();
  const ask: AskNote = async ({ witness, height }) => {
    if ((restUntilMs.get(witness) ?? 0) > elapsedMs()) return undefined;
    const askedAtMs = elapsedMs();
    try {
      return await clients.get(witness)?.note(height);
    } finally {
      if (elapsedMs() - askedAtMs > SLOW_MS) restUntilMs.set(witness, elapsedMs() + REST_MS);
    }
  };
  return {
    ask,
    troubles: () => recent().map(({ name, code, message }) => ({ name, code, message })),
    onTrouble: ({ witness, error }) => {
      const isKnown = recent().some(({ name, code }) => name === witness && code === error.code);
      troubles.set(witness, { name: witness, code: error.code, message: error.message, atMs: elapsedMs() });
      if (isKnown) return;
      log.warn({ witness, code: error.code, error }, `The witness ${witness} is of no use: ${error.message}`);
    },
  };
}
