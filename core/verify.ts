import type { Account } from './account.ts';
import { digestOf, type Digest } from './digest.ts';
import { parseDocument, verifySize } from './document/parse-document.ts';
import type { DeviceProfile, VirtualResource } from './document/schema.ts';
import { verifySupported } from './document/unsupported.ts';
import { DewproofError } from './errors.ts';
import { groupIdOf, resourceIdOf, type ResourceId } from './ids.ts';
import type { ConfigurationRecord, DeviceRecord } from './ledger/records.ts';
import { MAX_VERSION_JUMP } from './ledger/version-jump.ts';
import { resolveBindings } from './resolve-bindings.ts';
import type { VerifiedState } from './state/verified-state.ts';
import { verifyPlacementLabels } from './verify-placement-labels.ts';
import { verifyProfileLinks } from './verify-profile-links.ts';

/** What a device holds when it asks whether it may start a resource; everything but `state` may be an attacker's. */
export interface ConfigurationQuestion {
  /** The document as a server or the disk gave it. */
  readonly bytes: Uint8Array;
  /** Which resource is to be started. */
  readonly resource: ResourceId;
  /** The device's own account. */
  readonly account: Account;
  readonly state: VerifiedState;
  /** The device's profile as a server or the disk gave it; undefined where it has none or could not get it. */
  readonly profileBytes: Uint8Array | undefined;
  /** What was last accepted for this resource, from durable storage; undefined the first time. */
  readonly lastSeen: { readonly version: bigint; readonly digest: Digest } | undefined;
  /** Kinds of runtime that this device can host. */
  readonly runtimes: readonly string[];
}

declare const verified: unique symbol;
/** A configuration that passed every check; `verifyConfiguration` alone makes one, so nothing else can be started. */
export type VerifiedConfiguration = {
  readonly document: VirtualResource;
  readonly digest: Digest;
  readonly record: ConfigurationRecord;
  /** The document with the addresses of its inputs and actions filled in for this device. */
  readonly resolved: VirtualResource;
} & { readonly [verified]: 'configuration' };

/**
 * Verifies that a device may start a configuration. It does not check how old `state` is (who opened it does), whether
 * `requires` are running, or artifacts' bytes (whoever fetches them compares digests).
 * @throws NOT_ENROLLED, SUSPENDED, NOT_APPROVED, REVOKED, ENDLESS_DATA, DIGEST_MISMATCH, TOO_DEEP, SCHEMA,
 * WRONG_RESOURCE, MIX_AND_MATCH, WRONG_GROUP, ROLLBACK, EQUIVOCATION, FAST_FORWARD, UNSUPPORTED, WRONG_DEVICE, UNBOUND
 */
export function verifyConfiguration(question: ConfigurationQuestion): VerifiedConfiguration {
  const device = verifyDevice(question);
  const record = verifyRecord(question);
  const document = verifyBytes(question.bytes, record.digest);
  verifyIdentity(document, question.resource);
  verifyVersion(document, record);
  verifyGroup(document, { record, device });
  verifyProgress(record, question.lastSeen);
  verifySupported(document, question);
  const profile = verifyProfile(question.profileBytes, device);
  verifyPlacementLabels(document, profile);
  verifyProfileLinks(document, profile);
  const { group } = document.spec;
  const resolved = resolveBindings(document, { device: device.account, group, profile });
  return { document, digest: record.digest, record, resolved } as VerifiedConfiguration;
}

/** The ledger knows the device and lets it work: a stolen or replaced one starts nothing. */
function verifyDevice({ state, account }: ConfigurationQuestion): DeviceRecord {
  const device = state.device(account);
  if (device === undefined)
    throw new DewproofError('NOT_ENROLLED', `${account} is no device of this tenant; enrol it.`);
  if (device.status === 'active') return device;
  throw new DewproofError('SUSPENDED', `This device is ${device.status} on the ledger; ask the registrar.`);
}

/** Arbitrary software: only what the ledger activated, and has not revoked since. */
function verifyRecord({ state, resource }: ConfigurationQuestion): ConfigurationRecord {
  const record = state.record(resource);
  if (record === undefined) {
    throw new DewproofError('NOT_APPROVED', 'The ledger has no approved version of this resource; have one approved.');
  }
  if (record.status === 'active') return record;
  const revoked = `Version ${record.version.toString()} was revoked`;
  throw new DewproofError('REVOKED', `${revoked}; have a newer one approved.`);
}

/** Arbitrary software: size, then digest, and only then does a parser see a byte of it. */
function verifyBytes(bytes: Uint8Array, digest: Digest): VirtualResource {
  verifySize(bytes);
  verifyDigest(bytes, { what: 'document', digest });
  const { document } = parseDocument(bytes);
  if (document.kind === 'VirtualResource') return document;
  throw new DewproofError('SCHEMA', 'The approved document is no virtual resource; have the right one approved.');
}

function verifyDigest(bytes: Uint8Array, { what, digest }: { what: string; digest: Digest }): void {
  if (digestOf(bytes) === digest) return;
  throw new DewproofError('DIGEST_MISMATCH', `The ${what} is not the approved one; fetch it elsewhere.`, {
    details: { expected: digest, got: digestOf(bytes) },
  });
}

/** Wrong software: approved under another resource's record. */
function verifyIdentity({ metadata }: VirtualResource, resource: ResourceId): void {
  if (resourceIdOf(metadata) === resource) return;
  throw new DewproofError(
    'WRONG_RESOURCE',
    `This is the document of ${metadata.tenant}/${metadata.name}, not of this one.`,
  );
}

/** Mix-and-match: one version's record over another version's document. */
function verifyVersion({ spec }: VirtualResource, record: ConfigurationRecord): void {
  if (BigInt(spec.version) === record.version) return;
  throw new DewproofError(
    'MIX_AND_MATCH',
    `The document says version ${spec.version}, its record ${record.version.toString()}; have it proposed anew.`,
  );
}

/** Wrong software: document, record and device name one group. */
function verifyGroup(
  { metadata, spec }: VirtualResource,
  { record, device }: { record: ConfigurationRecord; device: DeviceRecord },
): void {
  const group = groupIdOf({ tenant: metadata.tenant, name: spec.group });
  if (group === record.group && record.group === device.group) return;
  throw new DewproofError('WRONG_GROUP', `This configuration is for group ${spec.group} as its document says.`, {
    details: { document: group, record: record.group, device: device.group },
  });
}

/** Rollback, equivocation and fast-forward: versions go on from what this device last accepted. */
function verifyProgress(record: ConfigurationRecord, lastSeen: ConfigurationQuestion['lastSeen']): void {
  if (lastSeen === undefined) return;
  const versions = `version ${record.version.toString()} after ${lastSeen.version.toString()}`;
  const details = { version: record.version, lastSeen: lastSeen.version };
  if (record.version < lastSeen.version) {
    throw new DewproofError('ROLLBACK', `The state shows ${versions}; ask a source that is not behind.`, { details });
  }
  if (record.version === lastSeen.version && record.digest !== lastSeen.digest) {
    throw new DewproofError('EQUIVOCATION', `The state shows another ${versions}; ask the operator which holds.`, {
      details: { ...details, shown: record.digest, accepted: lastSeen.digest },
    });
  }
  if (record.version - lastSeen.version > MAX_VERSION_JUMP) {
    throw new DewproofError('FAST_FORWARD', `The state shows ${versions}; ask the operator whether that is so.`, {
      details,
    });
  }
}

/**
 * The device's own profile and no other: its digest stands in the device's record. Without the bytes a device has no
 * labels and no bindings, so that withholding a profile starts less, never more.
 */
function verifyProfile(bytes: Uint8Array | undefined, device: DeviceRecord): DeviceProfile | undefined {
  if (bytes === undefined || device.profile === undefined) return undefined;
  verifySize(bytes);
  verifyDigest(bytes, { what: 'profile', digest: device.profile });
  const { document } = parseDocument(bytes);
  if (document.kind === 'DeviceProfile') return document;
  throw new DewproofError('SCHEMA', "The device's approved profile is no device profile; have the right one approved.");
}
