import { waitMs } from './plan-restart.ts';
import { happeningOf } from './receipts/happenings-of.ts';
import { reportTrouble } from './report-trouble.ts';
import { returnToFallback, type ReturnDeps } from './return-to-fallback.ts';
import { stopBoth, type StopDeps } from './stop-version.ts';
import { createSlot, type Unit } from './unit.ts';

// As after so many failures in a row: a disk that refused the way back is given up to half a minute.
const RETRY_AS_AFTER_FAILURES = 5;

/** What going back needs of the device; `onStep` is called once it is done, or did not work. */
export interface GoBackDeps extends ReturnDeps, Pick<StopDeps, 'receipts'> {
  readonly random: () => number;
  readonly onStep: () => void;
}

/**
 * Makes the version before the committed one again, first on disk, then here; what runs goes on until then. It never
 * rejects: what failed is tried again later.
 */
export async function goBack(unit: Unit, deps: GoBackDeps): Promise<void> {
  unit.isReturning = true;
  try {
    const target = await returnToFallback(unit, deps);
    if (target !== undefined) {
      stopBoth(unit, deps);
      noteReturn(unit, deps);
      Object.assign(unit, { current: createSlot(target), next: undefined } satisfies Partial<Unit>);
    }
  } catch (error) {
    unit.returnAtMs = performance.now() + waitMs({ failures: RETRY_AS_AFTER_FAILURES, random: deps.random });
    reportTrouble({ unit }, { error, refusals: deps.refusals });
  } finally {
    unit.isReturning = false;
    deps.onStep();
  }
}

/** One that failed was rolled back; where an order or the failures of others ended it, it was only stopped. */
function noteReturn(unit: Unit, { memory, receipts, keeper }: GoBackDeps): void {
  const code = memory.rollouts.get(unit.resource)?.returned?.code;
  if (code == null || unit.current === undefined) return;
  const of = { unit, slot: unit.current };
  receipts.note(happeningOf(of, { event: 'rollback', code, state: keeper.newest()?.state }));
}
