import { DewproofError, hasCode } from '../core/errors.ts';
import type { GroupId } from '../core/ids.ts';
import type { Ledger } from '../core/ledger/ledger.ts';
import type { Anchor } from '../core/state/anchor.ts';
import type { Anchors } from '../platform/anchors/open-anchors.ts';
import { createTurns } from '../platform/create-turns.ts';
import type { Log } from '../platform/log.ts';
import type { BundleStore, GroupBundle } from './bundles/bundle-store.ts';
import { followBundles, type FollowBundlesOptions, type FollowedBundles } from './bundles/follow-bundles.ts';
import { judgeKept } from './bundles/judge-kept.ts';
import { recallBundles } from './bundles/recall-bundles.ts';
import { followLedger, type FollowOptions, type LedgerFollower } from './ledger/follow-ledger.ts';
import { hasMoved, type StateStore } from './ledger/state-store.ts';
import type { DewSources, OpenSources } from './sources.ts';

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
  readonly follower: Omit<LedgerFollower, 'close'>;
  readonly ledger: Pick<Ledger, 'account' | 'submit'>;
  /** Undefined where the anchor in use trusts a node. */
  bundles(): FollowedBundles | undefined;
  close(): Promise<void>;
}

/**
 * Follows the ledger and makes bundles by the anchor in use, and by the next as soon as that is: what it knows of the
 * same registry stays, and bundles of before are served until there are newer ones. @throws what `openSources` throws
 */
export async function followAnchor(options: FollowAnchorOptions): Promise<FollowedAnchor> {
  const { anchors, log } = options;
  const inTurn = createTurns();
  const first = anchors.current();
  const { loaded } = options.stateStore;
  let view = await openView(first, { known: loaded, kept: options.bundleStore.loaded }, options);
  let refusal: DewproofError | undefined;
  let isClosed = false;

  const change = async (anchor: Anchor): Promise<void> => {
    // Several may have come meanwhile: only the newest counts.
    if (isClosed || anchor !== anchors.current()) return;
    try {
      view = await replaceView(view, anchor, options);
      refusal = undefined;
      log.info({ version: anchor.version }, `By the anchor of version ${anchor.version} from now on`);
    } catch (error) {
      refusal = notAsked({ newer: anchor, inUse: view.anchor }, error);
      log.error({ error, version: anchor.version }, 'What the new anchor trusts can not be asked: restart this dew');
    }
  };
  anchors.onChange((anchor) => void inTurn(() => change(anchor)));
  return {
    anchor: () => view.anchor,
    follower: {
      known: () => view.follower.known(),
      trouble: () => refusal ?? view.follower.trouble(),
      catchUp: (timeoutMs) => view.follower.catchUp(timeoutMs),
    },
    ledger: {
      get account() {
        return view.sources.ledger.account;
      },
      submit: (command) => view.sources.ledger.submit(command),
    },
    bundles: () => view.bundles,
    close: async () => {
      isClosed = true;
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

async function openView(anchor: Anchor, before: Before, options: FollowAnchorOptions): Promise<View> {
  const sources = await options.openSources(anchor);
  return startView({ anchor, sources }, before, options);
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

/** Told to anyone who asks whether the dew is ready: the log says more. */
function notAsked({ newer, inUse }: { readonly newer: Anchor; readonly inUse: Anchor }, cause: unknown): DewproofError {
  return new DewproofError(
    hasCode(cause) ? cause.code : 'INTERNAL',
    `This dew was given the anchor of version ${newer.version} and goes by ${inUse.version}: whom the newer trusts it can not ask. See its log, and start it anew.`,
    { cause },
  );
}

/** All at once, though what follows hears of it first: a node that hangs would hold it up until a call is given up. */
async function closeView({ bundles, follower, sources }: View): Promise<void> {
  const closed = await Promise.allSettled([bundles?.close(), follower.close(), sources.close()]);
  const failed = closed.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}
