import type { ActionSpec } from '../../core/document/schema.ts';
import type { Scalar } from '../../core/document/scalar.ts';
import { DewproofError } from '../../core/errors.ts';
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
  close(): void;
}

/** Opens the way to every actuator of a resource. */
export function openActuators(actions: readonly ActionSpec[], { openOutlet }: Transports): Actuators {
  const outlets = new Map(actions.map((action) => [action.id, { action, outlet: openOutlet(action) }]));
  return {
    act: async (id, value) => {
      const found = outlets.get(id);
      if (found === undefined) throw new DewproofError('NOT_FOUND', 'This resource has no such action.');
      const { payload } = found.action;
      const scalar = parseScalar(value, payload);
      await found.outlet.send(encodePayload(scalar, payload));
      return scalar;
    },
    close: () => {
      for (const { outlet } of outlets.values()) outlet.close();
    },
  };
}
