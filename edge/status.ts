import type { Account } from '../core/account.ts';
import type { Digest } from '../core/digest.ts';
import { resourceIdOf, type Name, type ResourceId } from '../core/ids.ts';
import type { BlockRef } from '../core/ledger/records.ts';
import type { Freshness } from '../core/state/freshness.ts';
import { isoTime, type Clock } from '../platform/clock.ts';
import type { AgentState } from './agent-state.ts';
import type { Agent } from './agent.ts';
import type { HostLink } from './network/host-link.ts';
import type { ReceiptsStatus } from './receipts/receipt-journal.ts';
import type { Refusal, Refusals } from './refusals.ts';
import type { RolloutStatus } from './rollout-status.ts';
import type { ClockOpinion } from './state/device-clock.ts';
import type { TrustStatus } from './state/trust-status.ts';
import type { Slot, Unit } from './unit.ts';
import type { Health } from './watch-health.ts';

/** A resource's state in AWS Greengrass's words. */
export type ResourceState =
  'NEW' | 'INSTALLED' | 'STARTING' | 'RUNNING' | 'STOPPING' | 'FINISHED' | 'ERRORED' | 'BROKEN';

/** One version of a resource, as an operator sees it. */
export interface VersionStatus {
  readonly state: ResourceState;
  readonly version: number;
  readonly digest: Digest;
  readonly health: Health;
  /** Names of the resources that it waits for. */
  readonly waitsFor: readonly string[];
  readonly errors: number;
}

/** A resource, as an operator sees it; `next` is a version that is to replace the one that runs. */
export interface ResourceStatus {
  readonly tenant: Name;
  readonly name: Name;
  readonly state: ResourceState;
  readonly version: number | null;
  readonly digest: Digest | null;
  readonly health: Health | null;
  /** How far what the device knows of it still counts. */
  readonly freshness: Freshness;
  /** From its first step (the bytes from the disk or a dew) to running; null where it does not run. */
  readonly startedInMs: number | null;
  readonly waitsFor: readonly string[];
  readonly next: VersionStatus | null;
  /** Set while a rollout order concerns the version on the ledger. */
  readonly rollout: RolloutStatus | null;
  /** Why it was stopped. */
  readonly stopped: string | null;
  readonly lastRefusal: Refusal | null;
  readonly readings: number;
  readonly dropped: Readonly<Record<string, number>>;
}

/** A device, as an operator sees it; times are RFC 3339. */
export interface EdgeStatus {
  readonly account: Account;
  readonly tenant: Name;
  readonly group: Name;
  readonly url: string;
  readonly mqttUrl: string;
  readonly agent: AgentState;
  readonly time: string;
  /** The newest block that the device believes, and how old it is. */
  readonly head: {
    readonly height: number;
    readonly hash: string;
    readonly time: string;
    readonly ageSeconds: number;
  } | null;
  /** Whom the device believes. */
  readonly trust: TrustStatus;
  /** What it thinks of its host's clock. */
  readonly clock: ClockOpinion;
  readonly links: readonly HostLink[];
  readonly resources: readonly ResourceStatus[];
  readonly receipts: ReceiptsStatus;
  readonly refusals: readonly Refusal[];
}

/** What a status is made of. */
export interface StatusDeps extends Pick<EdgeStatus, 'account' | 'tenant' | 'group' | 'url' | 'mqttUrl'> {
  readonly agent: Agent;
  readonly head: () => BlockRef | undefined;
  readonly links: () => readonly HostLink[];
  readonly receipts: { readonly status: () => ReceiptsStatus };
  readonly refusals: Refusals;
  readonly trust: () => TrustStatus;
  readonly freshnessOf: (resource: ResourceId) => Freshness;
  readonly opinion: () => ClockOpinion;
  readonly clock: Clock;
}

/** What the device does just now. */
export function readStatus(deps: StatusDeps): EdgeStatus {
  const { agent, head, links, receipts, refusals, trust, freshnessOf, opinion, clock, ...names } = deps;
  const units = agent.units();
  const resources = [...units.values()].map((unit) => ({
    ...resourceStatus(unit, refusals),
    freshness: freshnessOf(unit.resource),
    rollout: agent.rolloutOf(unit.resource) ?? null,
  }));
  return {
    ...names,
    agent: agent.state(),
    time: new Date(clock()).toISOString(),
    head: headStatus(head(), clock),
    trust: trust(),
    clock: opinion(),
    links: links(),
    resources: resources.sort((first, second) => first.name.localeCompare(second.name)),
    receipts: receipts.status(),
    refusals: refusals.list(),
  };
}

function headStatus(head: BlockRef | undefined, clock: Clock): EdgeStatus['head'] {
  if (head === undefined) return null;
  const seconds = Number(head.time);
  const ageSeconds = Math.max(0, Math.floor(clock() / 1000) - seconds);
  return { height: Number(head.height), hash: head.hash, time: isoTime(head.time), ageSeconds };
}

function resourceStatus(unit: Unit, refusals: Refusals): Omit<ResourceStatus, 'rollout' | 'freshness'> {
  const { tenant, name, current, next } = unit;
  const shown = current ?? next;
  const counts = current?.host?.counts() ?? { readings: 0, dropped: {} };
  return {
    tenant,
    name,
    state: unit.isStopping ? 'STOPPING' : unit.refused !== undefined ? 'FINISHED' : stateOf(shown),
    version: shown === undefined ? null : Number(shown.target.version),
    digest: shown?.target.digest ?? null,
    health: shown?.health ?? null,
    startedInMs: shown?.startedInMs ?? null,
    waitsFor: shown === undefined ? [] : waitsFor(shown),
    next: current === undefined || next === undefined ? null : versionStatus(next),
    stopped: unit.refused ?? null,
    lastRefusal: refusals.last(`${tenant}/${name}`) ?? null,
    ...counts,
  };
}

function versionStatus(slot: Slot): VersionStatus {
  const { target, health, errors } = slot;
  const version = Number(target.version);
  return { state: stateOf(slot), version, digest: target.digest, health, waitsFor: waitsFor(slot), errors };
}

/** Names, also of resources that this device has never heard of otherwise. */
function waitsFor(slot: Slot): readonly Name[] {
  const { metadata, spec } = slot.configuration?.document ?? { metadata: undefined, spec: undefined };
  if (metadata === undefined) return [];
  const isMissing = (name: Name) => slot.waitsFor.includes(resourceIdOf({ tenant: metadata.tenant, name }));
  return spec.requires.map(({ resource }) => resource).filter(isMissing);
}

/** The state of one version. */
export function stateOf(slot: Slot | undefined): ResourceState {
  switch (slot?.phase) {
    case 'installed':
      return 'INSTALLED';
    case 'starting':
    case 'committing':
      return 'STARTING';
    case 'running':
      return 'RUNNING';
    case 'broken':
      return 'BROKEN';
    case 'idle':
    case 'preparing':
    case undefined:
      return (slot?.errors ?? 0) > 0 ? 'ERRORED' : 'NEW';
  }
}
