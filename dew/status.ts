import type { Account } from '../core/account.ts';
import type { Digest } from '../core/digest.ts';
import type { DewproofError } from '../core/errors.ts';
import type { GroupId, Name, ResourceId } from '../core/ids.ts';
import type { Anchor } from '../core/state/anchor.ts';
import { describeTrust } from '../core/state/describe-trust.ts';
import { isoTime, unixSeconds, type Clock } from '../platform/clock.ts';
import type { FollowedBundles, WitnessTrouble } from './bundles/follow-bundles.ts';
import type { Catalog } from './documents/catalog.ts';
import type { AnchorRefusal } from './follow-anchor.ts';
import type { LedgerFollower } from './ledger/follow-ledger.ts';
import type { Holding } from './ledger/holdings.ts';
import type { Provisioning } from './provisioning.ts';
import type { AnchoringStatus } from './receipts/anchor-receipts.ts';
import type { ReceiptCounts } from './receipts/receipt-store.ts';

/** What a dew says of itself to its operator. */
export interface DewStatus {
  readonly kind: 'dew';
  readonly account: Account;
  readonly tenant: Name;
  readonly url: string;
  readonly mqttUrl: string;
  readonly ledger: {
    readonly height: string | null;
    /** Seconds since the newest block that it knows. */
    readonly ageSeconds: number | null;
    readonly trouble: { readonly code: string; readonly message: string } | null;
  };
  /** Of the anchor that it goes by; where that is not the newest it was given, `ledger.trouble` says so. */
  readonly anchorVersion: number;
  /**
   * The newer one that it was given and can't go by yet, and what it lacks for that; the one in use where whom it trusts
   * were to be asked anew and could not. It tries again by itself.
   */
  readonly newerAnchor: AnchorRefusal | null;
  /** Whom that trusts, in words. */
  readonly trusts: string;
  /** The newest proof bundle of each group; null where the anchor trusts a node, and nothing can be proved. */
  readonly bundles: {
    readonly groups: readonly {
      readonly name: Name;
      readonly height: string;
      /** When those whom the anchor trusts vouched for it. */
      readonly attestedAt: string;
      readonly ageSeconds: number;
      readonly bytes: number;
      /** Whether it was made by a former anchor, and none by the one in use yet. */
      readonly isFormer: boolean;
    }[];
    /** The anchor's witnesses of whom nothing says where they answer. */
    readonly unasked: readonly string[];
    /** Groups whose own could not be made the last time; the others do not wait for them. */
    readonly failing: readonly { readonly name: Name; readonly code: string; readonly message: string }[];
    readonly trouble: { readonly code: string; readonly message: string } | null;
  } | null;
  /** Witnesses of the anchor who lied, froze or did not answer of late. */
  readonly witnesses: readonly WitnessTrouble[];
  readonly receipts: ReceiptCounts & { readonly anchoring: AnchoringStatus };
  /** Digests that are active, proposed or a device's profile, and whose bytes are not here. */
  readonly missing: readonly Digest[];
  readonly groups: readonly {
    readonly name: Name;
    readonly devices: readonly { readonly account: Account; readonly resources: readonly string[] }[];
    readonly unplaced: readonly { readonly resource: string; readonly reason: string }[];
    /** Resources whose documents (or whose devices' profiles) were not uploaded yet. */
    readonly undecided: readonly string[];
  }[];
}

/** What the status is read from. */
export interface DewStatusDeps {
  readonly account: Account;
  readonly tenant: Name;
  readonly groups: ReadonlyMap<GroupId, Name>;
  readonly url: string;
  readonly mqttUrl: string;
  readonly provisioning: Provisioning;
  readonly follower: Pick<LedgerFollower, 'known' | 'trouble'>;
  readonly catalog: Catalog;
  readonly bundles: Pick<FollowedBundles, 'newest' | 'trouble' | 'failing' | 'unasked' | 'witnessTroubles'> | undefined;
  readonly anchor: Anchor;
  readonly refusal: AnchorRefusal | undefined;
  readonly receipts: () => DewStatus['receipts'];
  readonly clock: Clock;
}

/** Reads a dew's status; resources are named where their documents are here, else by their ids. */
export function readDewStatus(deps: DewStatusDeps): DewStatus {
  const { account, tenant, url, mqttUrl, follower, clock } = deps;
  const block = follower.known()?.state.block;
  const trouble = follower.trouble();
  return {
    kind: 'dew',
    account,
    tenant,
    url,
    mqttUrl,
    ledger: {
      height: block?.height.toString() ?? null,
      ageSeconds: block === undefined ? null : Number(unixSeconds(clock) - block.time),
      trouble: troubleOf(trouble),
    },
    anchorVersion: deps.anchor.version,
    newerAnchor: deps.refusal ?? null,
    trusts: describeTrust(deps.anchor),
    bundles: bundlesOf(deps),
    witnesses: deps.bundles?.witnessTroubles() ?? [],
    receipts: deps.receipts(),
    missing: missingOf(deps),
    groups: [...deps.groups].map(([id, name]) => ({ name, ...groupStatus(id, deps) })),
  };
}

function bundlesOf({ bundles, groups, clock }: DewStatusDeps): DewStatus['bundles'] {
  if (!bundles) return null;
  const newest = [...bundles.newest()].map(
    ([
      group,
      {
        isFormer,
        bundle: { height, attestedAt, bytes },
      },
    ]) => ({
      name: groups.get(group) ?? group,
      height: height.toString(),
      attestedAt: isoTime(attestedAt),
      ageSeconds: Number(unixSeconds(clock) - attestedAt),
      bytes: bytes.length,
      isFormer,
    }),
  );
  const failing = [...bundles.failing()].map(([group, { code, message }]) => ({
    name: groups.get(group) ?? group,
    code,
    message,
  }));
  return { groups: newest, unasked: bundles.unasked, failing, trouble: troubleOf(bundles.trouble()) };
}

function troubleOf(trouble: DewproofError | undefined): { readonly code: string; readonly message: string } | null {
  return trouble === undefined ? null : { code: trouble.code, message: trouble.message };
}

function missingOf({ provisioning, catalog }: DewStatusDeps): readonly Digest[] {
  const isUseful = ({ heads, proposals, devices }: Holding) =>
    proposals.length > 0 || devices.length > 0 || heads.some(({ status }) => status === 'active');
  return [...(provisioning.offer()?.holdings ?? [])]
    .filter(([digest, holding]) => isUseful(holding) && catalog.get(digest) === undefined)
    .map(([digest]) => digest);
}

function groupStatus(group: GroupId, { provisioning, catalog }: DewStatusDeps) {
  const offer = provisioning.offer();
  const plan = offer?.plans.get(group);
  const nameOf = (resource: ResourceId): string => {
    const head = offer?.known.state.heads.get(resource);
    return (head && catalog.get(head.digest)?.metadata.name) ?? resource;
  };
  return {
    devices: [...(plan?.placement ?? [])].map(([account, resources]) => ({
      account,
      resources: resources.map(nameOf),
    })),
    unplaced: (plan?.unplaced ?? []).map(({ resource, reason }) => ({ resource: nameOf(resource), reason })),
    undecided: (plan?.undecided ?? []).map(nameOf),
  };
}
