import { DewproofError, hasCode, type ErrorCode } from '../core/errors.ts';
import type { GroupId } from '../core/ids.ts';
import type { Ledger } from '../core/ledger/ledger.ts';
import type { Anchor } from '../core/state/anchor.ts';
import type { Anchors } from '../platform/anchors/open-anchors.ts';
import { createBackoff } from '../platform/backoff.ts';
import { createTurns } from '../platform/create-turns.ts';
import type { Log } from '../platform/log.ts';
import { sleep } from '../platform/sleep.ts';
import type { BundleStore, GroupBundle } from './bundles/bundle-store.ts';
import { followBundles, type FollowBundlesOptions, type FollowedBundles } from './bundles/follow-bundles.ts';
import { judgeKept } from './bundles/judge-kept.ts';
import { recallBundles } from './bundles/recall-bundles.ts';
import { followLedger, type FollowOptions, type LedgerFollower } from './ledger/follow-ledger.ts';
import { hasMoved, type StateStore } from './ledger/state-store.ts';
import type { AskWitnesses, DewSources, OpenSources } from './sources.ts';

/** What follows the anchor in use. */
export interface FollowAnchorOptions
  extends Pick<FollowOptions, 'onChange' | 'random'>, Pick<FollowBundlesOptions, 'groups' | 'hint' | 'elapsedMs'> {
  readonly anchors: Anchors;
  readonly openSources: OpenSources;
  readonly stateStore: StateStore;
  readonly bundleStore: BundleStore;
  readonly log: Log;
}

/** A dew's ledger and bundles, by whichever anchor is in use. */
export interface FollowedAnchor {
  /** The anchor that it goes by: one of before where whom the newest trusts can not be asked, which `follower` tells as a trouble. */
  anchor(): Anchor;
  /** Why it does not go by the newest yet; it tries again by itself. */
  refusal(): AnchorRefusal | undefined;
  readonly follower: Omit<LedgerFollower, 'close'>;
  readonly ledger: Pick<Ledger, 'account' | 'submit'>;
  /** Undefined where the anchor in use trusts a node. */
  bundles(): FollowedBundles | undefined;
  /** Asks the witnesses of the anchor in use. @throws NOT_FOUND (it has none) */
  readonly askWitnesses: AskWitnesses;
  close(): Promise<void>;
}

/** Why whom an anchor trusts can not be asked, in words for the dew's operator. */
export interface AnchorRefusal {
  readonly version: number;
  readonly code: ErrorCode;
  readonly message: string;
}

/** Sources are opened by files of this host: nobody else is bothered by one who looks again. */
const RETRY_EVERY_MS = 30_000;

/**
 * Follows the ledger and makes bundles by the anchor in use, and by the next as soon as that is: what it knows of the
 * same registry stays, and bundles of before are served until there are newer ones. Where sources can't be opened it goes
 * on by those it has, and tries again until they can. @throws what `openSources` throws at the start
 */
export async function followAnchor(options: FollowAnchorOptions): Promise<FollowedAnchor> {
  const { anchors, log, random } = options;
  const inTurn = createTurns();
  const life = new AbortController();
  const backoff = createBackoff({ firstMs: 1_000, mostMs: RETRY_EVERY_MS, random, sleep });
  let view = await openView(options);
  let refusal: AnchorRefusal | undefined;
  let waiting = new AbortController();

  const failed = (anchor: Anchor, error: unknown): void => {
    const next = refusalOf(anchor, error);
    const isKnown = next.version === refusal?.version && next.message === refusal.message;
    refusal = next;
    const { version } = next;
    const how = 'it goes on as before, and tries again by itself';
    if (!isKnown)
      log.error({ error, version }, `Nobody can be asked by the anchor ${version}: ${how}. ${next.message}`);
    waiting = new AbortController();
    const either = AbortSignal.any([life.signal, waiting.signal]);
    void backoff.wait(either).then(() => (either.aborted ? undefined : inTurn(renew)));
  };
  const renew = async (): Promise<void> => {
    if (life.signal.aborted) return;
    waiting.abort();
    const anchor = anchors.current();
    try {
      view = await replaceView(view, anchor, options);
      refusal = undefined;
      backoff.reset();
      log.info({ version: anchor.version }, `By the anchor of version ${anchor.version} from now on`);
      awaitSupply(view);
    } catch (error) {
      failed(anchor, error);
    }
  };
  const awaitSupply = (supplied: View): void => {
    void supplied.sources.supplied?.then(() => inTurn(() => (view === supplied ? renew() : Promise.resolve())));
  };
  awaitSupply(view);
  // Several may have come meanwhile: only the newest counts.
  anchors.onChange((anchor) => void inTurn(() => (anchor === anchors.current() ? renew() : Promise.resolve())));
  return {
    anchor: () => view.anchor,
    refusal: () => refusal,
    follower: {
      known: () => view.follower.known(),
      trouble: () => notAsked(view.anchor, refusal) ?? view.follower.trouble(),
      catchUp: (timeoutMs) => view.follower.catchUp(timeoutMs),
    },
    ledger: {
      get account() {
        return view.sources.ledger.account;
      },
      submit: (command) => view.sources.ledger.submit(command),
    },
    bundles: () => view.bundles,
    askWitnesses: async (nonce) => {
      const { askWitnesses } = view.sources;
      if (askWitnesses === undefined) throw noWitnesses();
      return askWitnesses(nonce);
    },
    close: async () => {
      life.abort();
      await inTurn(() => closeView(view));
    },
  };
}

/** All that follows one anchor. */
interface View {
  readonly anchor: Anchor;
  readonly sources: DewSources;
  readonly follower: LedgerFollower;
  readonly bundles: FollowedBundles | undefined;
  /** What was served before bundles were made. */
  readonly kept: ReadonlyMap<GroupId, GroupBundle>;
}

interface Before {
  readonly known: StateStore['loaded'];
  readonly kept: ReadonlyMap<GroupId, GroupBundle>;
}

async function openView(options: FollowAnchorOptions): Promise<View> {
  const { anchors, stateStore, bundleStore } = options;
  const anchor = anchors.current();
  const sources = await options.openSources(anchor);
  return startView({ anchor, sources }, { known: stateStore.loaded, kept: bundleStore.loaded }, options);
}

async function replaceView(view: View, anchor: Anchor, options: FollowAnchorOptions): Promise<View> {
  const sources = await options.openSources(anchor);
  // What holds on to a socket must not hold the dew back: half of what it had is closed already.
  await closeView(view).catch((error: unknown) => {
    options.log.warn({ error }, 'What the former anchor had asked did not close in order');
  });
  const known = view.follower.known();
  const kept = view.bundles?.newest() ?? view.kept;
  return startView({ anchor, sources }, { known, kept }, options);
}

function startView(
  { anchor, sources }: Pick<View, 'anchor' | 'sources'>,
  { known, kept }: Before,
  options: FollowAnchorOptions,
): View {
  const loaded = known && !hasMoved(known.identity, anchor) ? known : undefined;
  const store = { ...options.stateStore, loaded };
  // Before the ledger is followed: how far that goes, the maker says.
  if (sources.bundles) recallBundles(kept, { ...sources.bundles, ...options });
  const follower = followLedger({ ...options, ledger: sources.ledger, store });
  const { bundles: plan } = sources;
  if (!plan) return { anchor, sources, follower, bundles: undefined, kept };
  const served = judge(kept, { anchor, verify: plan.verify }, options);
  const bundles = followBundles({ ...options, plan, follower, kept: served, store: options.bundleStore });
  return { anchor, sources, follower, bundles, kept: served };
}

function judge(
  kept: ReadonlyMap<GroupId, GroupBundle>,
  { anchor, verify }: { readonly anchor: Anchor; readonly verify: Parameters<typeof judgeKept>[1]['verify'] },
  { anchors, log }: FollowAnchorOptions,
): ReadonlyMap<GroupId, GroupBundle> {
  return judgeKept(kept, {
    verify,
    current: anchor,
    former: () => anchors.former().filter(({ version }) => version < anchor.version),
    onRefused: (group, { code, message }) => {
      log.warn({ code, group }, `A kept bundle opens by no anchor of this dew and is not served: ${message}`);
    },
  });
}

function refusalOf({ version }: Anchor, error: unknown): AnchorRefusal {
  if (hasCode(error)) return { version, code: error.code, message: error.message };
  return { version, code: 'INTERNAL', message: 'What it trusts could not be opened; see the log.' };
}

/** Told to anyone who asks whether the dew is ready, so that it names no file of this host. */
function notAsked({ version }: Anchor, refusal: AnchorRefusal | undefined): DewproofError | undefined {
  // Of the anchor in use it has sources: there what they say is the trouble.
  if (!refusal || refusal.version === version) return undefined;
  return new DewproofError(
    refusal.code,
    `This dew was given the anchor of version ${refusal.version} and goes by ${version}: whom the newer trusts it can not ask. It tries again by itself; \`dewproof status\` there says what it lacks.`,
  );
}

function noWitnesses(): DewproofError {
  return new DewproofError(
    'NOT_FOUND',
    "This dew's anchor has no witnesses, who alone sign the time; ask another dew.",
  );
}

/** All at once, though what follows hears of it first: a node that hangs would hold it up until a call is given up. */
async function closeView({ bundles, follower, sources }: View): Promise<void> {
  const closed = await Promise.allSettled([bundles?.close(), follower.close(), sources.close()]);
  const failed = closed.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}
