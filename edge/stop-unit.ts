import type { Observer } from './observer.ts';
import type { StopReason } from './plan-changes.ts';
import { refusalOfUnit } from './receipts/happenings-of.ts';
import { stopMessages } from './stop-messages.ts';
import { stopBoth, type StopDeps } from './stop-version.ts';
import { createSlot, type Unit } from './unit.ts';

/** Stops a resource that must not run, and tells why; the version that it has committed waits until it may again. */
export function stopUnit(
  unit: Unit,
  reason: StopReason,
  deps: StopDeps & { readonly observer?: Pick<Observer, 'stopped'> },
): void {
  unit.refused = reason;
  deps.observer?.stopped({ tenant: unit.tenant, name: unit.name, reason });
  if (reason === 'UNASSIGNED') stopBoth(unit, deps);
  else refuse(unit, reason, deps);
  unit.current = unit.current === undefined ? undefined : createSlot(unit.current.target);
  unit.next = undefined;
}

function refuse(unit: Unit, code: Exclude<StopReason, 'UNASSIGNED'>, deps: StopDeps): void {
  const isRunning = [unit.current, unit.next].some((slot) => slot?.phase === 'running');
  if (!isRunning) deps.receipts.note(refusalOfUnit(unit, { code, state: deps.keeper.newest()?.state }));
  deps.refusals.record({ about: `${unit.tenant}/${unit.name}`, code, message: stopMessages[code] });
  stopBoth(unit, deps, code);
}
