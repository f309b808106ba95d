import type { ErrorCode } from '../core/errors.ts';
import type { Applied } from './apply-version.ts';
import { happeningOf } from './receipts/happenings-of.ts';
import type { ReceiptSink } from './receipts/happening.ts';
import type { Refusals } from './refusals.ts';
import { reportTrouble } from './report-trouble.ts';
import type { StateKeeper } from './state/state-keeper.ts';
import { stopSlot } from './stop-slot.ts';
import type { Unit } from './unit.ts';

/** What stopping tells, and to whom. */
export interface StopDeps {
  readonly keeper: Pick<StateKeeper, 'newest'>;
  readonly receipts: ReceiptSink;
  readonly refusals: Refusals;
}

/** Stops one version, whatever it is doing; `code` says in its receipt why, where it is not just no longer wanted. */
export function stopVersion(applied: Applied, deps: StopDeps, code?: ErrorCode): void {
  if (applied.slot.phase === 'running') {
    deps.receipts.note(happeningOf(applied, { event: 'stop', code, state: deps.keeper.newest()?.state }));
  }
  stopSlot(applied, (error) => {
    reportTrouble(applied, { error, refusals: deps.refusals });
  });
}

/** Stops the committed version of a resource and the one to come. */
export function stopBoth(unit: Unit, deps: StopDeps, code?: ErrorCode): void {
  for (const slot of [unit.current, unit.next]) if (slot !== undefined) stopVersion({ unit, slot }, deps, code);
}
