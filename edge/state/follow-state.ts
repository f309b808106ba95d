import { DewproofError, hasCode } from '../../core/errors.ts';
import type { StateSource } from '../../core/state/ports.ts';
import type { Backoff } from '../../platform/backoff.ts';
import { codedError } from '../coded-error.ts';
import type { Refusals } from '../refusals.ts';
import type { IsOfRotation } from './judge-rotation.ts';
import type { Taken } from './plan-taking.ts';
import type { StateKeeper } from './state-keeper.ts';

/** What following the ledger needs. */
export interface FollowStateDeps {
  readonly source: StateSource & {
    readonly originOf?: (bundle: Uint8Array) => string | undefined;
    readonly forget?: () => void;
  };
  readonly keeper: StateKeeper;
  readonly refusals: Refusals;
  /** What troubles of the source as a whole are about; default `ledger`. */
  readonly about?: string;
  readonly backoff: Backoff;
  /** Called after every bundle that was accepted, or that proved a split. */
  readonly onAccepted: () => void;
  /** Called where a source was heard that has nothing newer. */
  readonly onNothingNewer?: () => void;
  /** Whose refusals are not reported. */
  readonly isOfRotation?: IsOfRotation;
  readonly signal: AbortSignal;
}

/** Follows the ledger until its signal aborts. */
export interface StateFollower {
  readonly ended: Promise<void>;
  /** Asks the source anew as if nothing were known nor refused: what the disk holds, or what counts, is another thing now. */
  askAnew(): void;
}

/** Takes bundles from the source as they come; one that is refused is reported and changes nothing. */
export function followState(deps: FollowStateDeps): StateFollower {
  const { source, keeper, refusals, backoff, signal } = deps;
  let known = keeper.newest()?.bundle;
  let round = new AbortController();
  // Servers that showed something old, until they show something that is taken.
  const behind = new Set<string>();

  const report = (error: unknown, about = deps.about ?? 'ledger') => {
    const coded = codedError(error, { code: 'LEDGER_UNAVAILABLE', what: "The state's source failed" });
    refusals.record({ about, code: coded.code, message: coded.message });
  };

  /** One that lags shows one old bundle after the other: once told, it is no news, and is no attack either. */
  async function reportRefused(error: unknown, bundle: Uint8Array): Promise<void> {
    const origin = source.originOf?.(bundle);
    if (await deps.isOfRotation?.({ error, bundle, server: origin })) return;
    const isBehind = origin !== undefined && hasCode(error, 'ROLLBACK');
    // Of two edges one is always the later to know.
    if (isBehind && (deps.about === 'peers' || behind.has(origin))) return;
    if (isBehind) behind.add(origin);
    report(error, origin);
  }

  /** It goes on as what was known before allows, ever less of it; but whoever leaves things out has something to hide. */
  function reportLeftOut({ leftOut }: Taken, bundle: Uint8Array): void {
    if (leftOut.length === 0) return;
    const what = leftOut.length === 1 ? 'a resource that runs here' : `${leftOut.length} resources that run here`;
    const message = `A bundle says nothing of ${what}, though older ones did: what those proved grows old. Ask another server.`;
    report(new DewproofError('NOT_PROVED', message), source.originOf?.(bundle));
  }

  async function take(bundle: Uint8Array): Promise<void> {
    try {
      reportLeftOut(await keeper.accept(bundle), bundle);
      known = bundle;
      behind.delete(source.originOf?.(bundle) ?? '');
      backoff.reset();
    } catch (error) {
      const isHeld = keeper.newest()?.bundle === bundle;
      // A proved split holds back at once what was about to start.
      if (isHeld || keeper.split() !== undefined) deps.onAccepted();
      await reportRefused(error, bundle);
      // A source that only ever offers what is refused must not keep the device busy.
      await backoff.wait(signal);
      // A source takes it for refused, and would hand it over no more: but the disk is to have it, too.
      if (isHeld) source.forget?.();
      // What the disk did not take is asked for again; of what was refused, a source says anew what is newer.
      round.abort();
      return;
    }
    deps.onAccepted();
  }

  async function watchOnce(untilAsked: AbortSignal): Promise<void> {
    for await (const bundle of source.watch({
      known,
      signal: untilAsked,
      onTrouble: (error) => {
        // Each other edge was told of by its name: that none of them is there is no news.
        if (deps.about !== 'peers') report(error);
      },
      onNothingNewer: () => deps.onNothingNewer?.(),
    })) {
      await take(bundle);
      if (untilAsked.aborted) return;
    }
  }

  async function follow(): Promise<void> {
    signal.addEventListener('abort', () => {
      round.abort();
    });
    while (!signal.aborted) {
      round = new AbortController();
      const untilAsked = round.signal;
      try {
        await watchOnce(untilAsked);
      } catch (error) {
        if (!untilAsked.aborted) report(error);
      }
      if (!untilAsked.aborted) await backoff.wait(signal);
    }
  }

  return {
    ended: follow(),
    askAnew: () => {
      known = undefined;
      source.forget?.();
      round.abort();
    },
  };
}
