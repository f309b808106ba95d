import { hasCode, type DewproofError, type ErrorCode } from '../../core/errors.ts';
import type { ReceiptEvent } from '../../core/receipts/receipt.ts';
import type { VerifiedState } from '../../core/state/verified-state.ts';
import type { Applied } from '../apply-version.ts';
import { isLack } from '../lacks.ts';
import type { Unit } from '../unit.ts';
import type { Happening } from './happening.ts';

/** What a receipt tells of one version; `state` is what vouched for it. */
export function happeningOf(
  { unit, slot }: Applied,
  of: {
    readonly event: ReceiptEvent;
    readonly code?: ErrorCode | undefined;
    readonly state: VerifiedState | undefined;
  },
): Happening {
  const { tenant, name } = unit;
  const { version, digest } = slot.target;
  return { event: of.event, tenant, name, document: { version, digest }, code: of.code, head: of.state?.block };
}

/**
 * What a version's failure was before it ran: a rollback where another one goes on in its place, else a refusal;
 * undefined for what was no verdict on it (no server, no room). Read before the version is stopped.
 */
export function failureEventOf({ unit, slot }: Applied, error: DewproofError): 'rollback' | 'refusal' | undefined {
  if (isLack(error) || hasCode(error, 'NOT_FOUND', 'TIMEOUT')) return undefined;
  const hasBegun = slot.phase === 'starting' || slot.phase === 'committing';
  return hasBegun && unit.next === slot && unit.current !== undefined ? 'rollback' : 'refusal';
}

/** What a receipt tells of a resource that must not run, and did not: the version that the ledger or the device knows. */
export function refusalOfUnit(
  unit: Unit,
  { code, state }: { code: ErrorCode; state: VerifiedState | undefined },
): Happening {
  const { tenant, name, resource } = unit;
  const known = state?.record(resource) ?? unit.current?.target ?? unit.next?.target;
  const document = known === undefined ? undefined : { version: known.version, digest: known.digest };
  return { event: 'refusal', tenant, name, document, code, head: state?.block };
}
