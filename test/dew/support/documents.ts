import { digestOf, type Digest } from '../../../core/digest.ts';
import type { Link } from '../../../core/document/addresses.ts';
import { canonicalBytes } from '../../../core/document/canonical.ts';
import { groupIdOf, resourceIdOf, type Name } from '../../../core/ids.ts';
import type { Proposal } from '../../../core/ledger/records.ts';

/** The tenant of the tests, and the group that their dew serves. */
export const TENANT = 'greenfields';
export const GROUP = 'barn-7';

/** A resource's document with its bytes, digest and proposal. */
export interface TestResource {
  readonly name: Name;
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  readonly proposal: Proposal;
}

/** What a test says of a resource; all else is as short as the schema allows. */
export interface ResourceOptions {
  readonly name?: Name;
  readonly version?: number;
  readonly group?: Name;
  readonly tenant?: Name;
  readonly requires?: readonly Name[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly network?: readonly Link[];
  readonly artifact?: { readonly digest: Digest; readonly size: number };
}

/** Seals a resource's document. */
export function resource(options: ResourceOptions = {}): TestResource {
  const {
    name = 'climate',
    version = 1,
    group = GROUP,
    tenant = TENANT,
    requires = [],
    labels,
    network,
    artifact,
  } = options;
  const bytes = canonicalBytes({
    apiVersion: 'dewproof/v1',
    kind: 'VirtualResource',
    metadata: { tenant, name },
    spec: {
      version,
      salt: 'c2FsdHNhbHRzYWx0c2FsdA',
      group,
      requires: requires.map((required) => ({ resource: required })),
      ...(labels && { placement: { labels } }),
      ...(network && { network }),
      ...(artifact && { runtime: { kind: 'script', artifact } }),
    },
  });
  const digest = digestOf(bytes);
  const ids = { resource: resourceIdOf({ tenant, name }), group: groupIdOf({ tenant, name: group }) };
  return { name, bytes, digest, proposal: { ...ids, version: BigInt(version), digest } };
}

/** Seals a device's profile. */
export function profile(
  options: {
    readonly name?: Name;
    readonly labels?: Readonly<Record<string, string>>;
    readonly links?: readonly Link[];
    readonly capacity?: number;
  } = {},
): { readonly bytes: Uint8Array; readonly digest: Digest } {
  const { name = 'edge', labels = {}, links = [], capacity = 10 } = options;
  const bytes = canonicalBytes({
    apiVersion: 'dewproof/v1',
    kind: 'DeviceProfile',
    metadata: { tenant: TENANT, name },
    spec: { version: 1, salt: 'c2FsdHNhbHRzYWx0c2FsdA', labels, links, capacity: { resources: capacity } },
  });
  return { bytes, digest: digestOf(bytes) };
}
