import type { ErrorCode } from '../core/errors.ts';
import type { Name } from '../core/ids.ts';
import type { Log } from '../platform/log.ts';
import type { EdgeMetrics } from './metrics/edge-metrics.ts';
import type { StopReason } from './plan-changes.ts';

/** A version of a resource. */
export interface ObservedVersion {
  readonly tenant: Name;
  readonly name: Name;
  readonly version: bigint;
}

/** Hears of what a device does with its resources; it changes nothing. */
export interface Observer {
  /** A version was verified, or refused with `code`. */
  verified(of: ObservedVersion & { readonly code?: ErrorCode }): void;
  /** A version took over. */
  running(of: ObservedVersion & { readonly startedInMs: number }): void;
  /** A resource was stopped for good, or until the ledger or the dew says otherwise. */
  stopped(of: Omit<ObservedVersion, 'version'> & { readonly reason: StopReason }): void;
}

/** Counts and logs; what is refused is logged where refusals are counted, and not here again. */
export function createObserver({ log, metrics }: { readonly log: Log; readonly metrics: EdgeMetrics }): Observer {
  return {
    verified: ({ tenant, name, version, code }) => {
      metrics.verified(code);
      if (code === undefined) log.info({ resource: `${tenant}/${name}`, version: Number(version) }, 'verified');
    },
    running: ({ tenant, name, version, startedInMs }) => {
      const resource = `${tenant}/${name}`;
      log.info({ resource, version: Number(version), startedInMs: Math.round(startedInMs) }, 'running');
    },
    stopped: ({ tenant, name, reason }) => {
      log.info({ resource: `${tenant}/${name}`, reason }, 'stopped');
    },
  };
}
