import type { ResourceId } from '../ids.ts';
import type { Proposal } from './records.ts';

/** A proposal's key in `LedgerState.proposals`: all four fields, so that nobody can occupy a version number. */
export function proposalKey({ resource, version, digest, group }: Proposal): string {
  return `${resource}/${version.toString()}/${digest}/${group}`;
}

/** A version's key in `LedgerState.revoked`. */
export function versionKey({ resource, version }: { resource: ResourceId; version: bigint }): string {
  return `${resource}/${version.toString()}`;
}
