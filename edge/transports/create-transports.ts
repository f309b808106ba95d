import { DewproofError } from '../../core/errors.ts';
import type { Bus } from '../bus/bus.ts';
import type { Transports } from './transports.ts';

/** The transports of a device: its bus for MQTT; what callers push and what is virtual needs none. */
export function createTransports({ bus }: { readonly bus: Bus }): Transports {
  return {
    openSource: (input, deliver) => {
      if ('mqtt' in input) {
        return bus.subscribe(input.mqtt.topic, ({ payload }) => {
          deliver(payload);
        });
      }
      if ('push' in input) return { verify: () => undefined, close: () => undefined };
      throw unsupported(input.id);
    },
    openOutlet: (action) => {
      if ('mqtt' in action) return bus.openTopic(action.mqtt.topic);
      if ('virtual' in action) return { send: () => Promise.resolve(), close: () => undefined };
      throw unsupported(action.id);
    },
    close: () => Promise.resolve(),
  };
}

function unsupported(id: string): DewproofError {
  return new DewproofError('UNSUPPORTED', `This device does not speak the transport of ${id}.`);
}
