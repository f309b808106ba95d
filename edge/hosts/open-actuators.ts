import type { ActionSpec } from '../../core/document/schema.ts';
import type { Scalar } from '../../core/document/scalar.ts';
import { DewproofError } from '../../core/errors.ts';
import type { Outlet } from '../bus/bus.ts';
import { encodePayload } from '../payload/encode-payload.ts';
import { parseScalar } from '../payload/parse-scalar.ts';
import type { Transports } from '../transports/transports.ts';

/** The actuators that a document names, and no others. */
export interface Actuators {
  /**
   * Does an action and answers the value that was sent.
   * @throws NOT_FOUND (no such action), SCHEMA (the value), what the transport throws
   */
  act(action: string, value: unknown): Promise<Scalar>;
  /** Settles once what was under way is done, so that nothing of this version reaches an actuator after it. */
  close(): Promise<void>;
}

/** Opens the way to every actuator of a resource, or to none. @throws what an outlet throws, SCHEMA, UNSUPPORTED */
export function openActuators(actions: readonly ActionSpec[], { openOutlet }: Transports): Actuators {
  const outlets = new Map<string, { readonly action: ActionSpec; readonly outlet: Outlet }>();
  const closeOutlets = () => {
    for (const { outlet } of outlets.values()) outlet.close();
  };
  try {
    for (const action of actions) outlets.set(action.id, { action, outlet: openOutlet(action) });
  } catch (error) {
    closeOutlets();
    throw error;
  }
  const underway = new Set<Promise<void>>();

  async function follow(sending: Promise<void>): Promise<void> {
    underway.add(sending);
    try {
      await sending;
    } finally {
      underway.delete(sending);
    }
  }

  return {
    act: async (id, value) => {
      const found = outlets.get(id);
      if (found === undefined) throw new DewproofError('NOT_FOUND', 'This resource has no such action.');
      const { payload } = found.action;
      const scalar = parseScalar(value, payload);
      await follow(found.outlet.send(encodePayload(scalar, payload)));
      return scalar;
    },
    close: async () => {
      closeOutlets();
      await Promise.allSettled(underway);
    },
  };
}
