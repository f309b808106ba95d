import type { Account } from '../core/account.ts';
import type { Digest } from '../core/digest.ts';
import type { GroupId, Name, ResourceId } from '../core/ids.ts';
import { unixSeconds, type Clock } from '../platform/clock.ts';
import type { Catalog } from './documents/catalog.ts';
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
  readonly follower: LedgerFollower;
  readonly catalog: Catalog;
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
      trouble: trouble === undefined ? null : { code: trouble.code, message: trouble.message },
    },
    receipts: deps.receipts(),
    missing: missingOf(deps),
    groups: [...deps.groups].map(([id, name]) => ({ name, ...groupStatus(id, deps) })),
  };
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
