import type { ActionSpec, Input } from '../../core/document/schema.ts';
import type { Outlet, Subscription } from '../bus/bus.ts';

/** Messages of one input; it stays until it is closed, also while the other end is away. */
export type OpenSource = (input: Input, deliver: (message: Uint8Array) => void) => Subscription;

/**
 * Opens the way to an actuator, or to the broker before it; whoever is not there yet is no error before something is
 * sent.
 */
export type OpenOutlet = (action: ActionSpec) => Outlet;

/** How a device hears sensors and moves actuators, whatever they speak. */
export interface Transports {
  readonly openSource: OpenSource;
  readonly openOutlet: OpenOutlet;
  close(): Promise<void>;
}
