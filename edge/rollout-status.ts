import type { RolloutStance } from '../core/rollout/decide-rollout.ts';
import type { RolloutPhase } from '../core/rollout/order.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { StoredRollout } from './store/stored-records.ts';

/** How a rollout stands on this device; versions are numbers. */
export interface RolloutStatus {
  readonly phase: RolloutPhase;
  readonly serial: number;
  readonly from: number;
  readonly to: number;
  /** What the order has the device do; none once it is promoted, or no longer about the newest version. */
  readonly stance: RolloutStance['kind'];
  /** On probation: the version that it goes back to if the new one fails. */
  readonly fallback: number | null;
  readonly returned: { readonly reason: string; readonly code: ErrorCode | null } | null;
  readonly author: string;
}

/** A rollout for operators; undefined where there is none. */
export function rolloutStatus(rollout: StoredRollout | undefined, stance: RolloutStance): RolloutStatus | undefined {
  if (rollout === undefined) return undefined;
  const { phase, serial, from, to, author } = rollout.signed.order;
  return {
    phase,
    serial,
    from: from.version,
    to: to.version,
    stance: stance.kind,
    fallback: rollout.fallback === null ? null : Number(rollout.fallback.version),
    returned: rollout.returned,
    author,
  };
}
