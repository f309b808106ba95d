import type { Digest } from '../../core/digest.ts';
import { digestOf } from '../../core/digest.ts';
import { verifyAcyclic } from '../../core/document/cycles.ts';
import { parseDocument, verifySize } from '../../core/document/parse-document.ts';
import type { Document, VirtualResource } from '../../core/document/schema.ts';
import { DewproofError } from '../../core/errors.ts';
import { groupIdOf, resourceIdOf, type Name } from '../../core/ids.ts';
import type { Proposal } from '../../core/ledger/records.ts';
import type { Holding, Holdings } from '../ledger/holdings.ts';

/** An upload and what it is held against. */
export interface UploadQuestion {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
  readonly holdings: Holdings;
  /** Finds a resource of the tenant among the documents that the ledger holds. */
  readonly lookUp: (name: Name) => VirtualResource | undefined;
}

/**
 * Verifies that these bytes are what the ledger names: size, then digest, and only then does a parser see a byte.
 * @throws ENDLESS_DATA, DIGEST_MISMATCH, NOT_APPROVED (the ledger names no such digest for this dew's groups), SCHEMA,
 * TOO_DEEP, REVOKED, MIX_AND_MATCH (the ledger names it as something else), CYCLE
 */
export function verifyUpload({ digest, bytes, holdings, lookUp }: UploadQuestion): Document {
  verifySize(bytes);
  if (digestOf(bytes) !== digest) {
    throw new DewproofError('DIGEST_MISMATCH', `These bytes are not ${digest}; send the ones that were proposed.`);
  }
  const held = holdings.get(digest);
  if (held === undefined) throw notHeld(digest);
  const { document } = parseDocument(bytes);
  if (document.kind === 'DeviceProfile') verifyProfile(held, digest);
  else verifyResource(document, held);
  if (document.kind === 'VirtualResource') verifyAcyclic(document, lookUp);
  return document;
}

/** The refusal of what the ledger does not hold for this dew's groups. */
export function notHeld(digest: Digest): DewproofError {
  return new DewproofError('NOT_APPROVED', `The ledger holds no ${digest} for this dew's groups; propose it first.`);
}

function verifyProfile(held: Holding, digest: Digest): void {
  if (held.devices.length === 0) throw mixed(`${digest} is a profile, which no device here has`);
}

/** Some record or proposal must say of this document what it says of itself. */
function verifyResource({ metadata, spec }: VirtualResource, held: Holding): void {
  const resource = resourceIdOf(metadata);
  const group = groupIdOf({ tenant: metadata.tenant, name: spec.group });
  const isNamed = (named: Proposal): boolean =>
    named.resource === resource && named.version === BigInt(spec.version) && named.group === group;
  const revoked = held.heads.find((head) => head.status === 'revoked' && isNamed(head));
  if (revoked !== undefined) {
    throw new DewproofError('REVOKED', `Version ${spec.version} was revoked; propose a newer one.`);
  }
  if (![...held.heads, ...held.proposals].some(isNamed)) {
    throw mixed(`${metadata.tenant}/${metadata.name} version ${spec.version} is not what was proposed`);
  }
}

function mixed(what: string): DewproofError {
  return new DewproofError('MIX_AND_MATCH', `The document and the ledger disagree: ${what}; propose it anew.`);
}
