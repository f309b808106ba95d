import type { Bus } from '../bus/bus.ts';
import { createBleSources } from './ble-source.ts';
import { openCoapOutlet } from './coap-outlet.ts';
import { openCoapSource } from './coap-source.ts';
import { createCoapClient } from './coap/coap-client.ts';
import { createHttpAgents } from './http-agents.ts';
import { openHttpOutlet } from './http-outlet.ts';
import { openHttpSource } from './http-source.ts';
import type { Transports } from './transports.ts';

/** The transports of a device: its bus for MQTT, one CoAP client, HTTP, BlueZ; what callers push and what is virtual needs none. */
export function createTransports({
  bus,
  random = Math.random,
}: {
  readonly bus: Bus;
  /** 0 up to but not including 1. */
  readonly random?: () => number;
}): Transports {
  const ble = createBleSources({ random });
  const coap = createCoapClient();
  const http = createHttpAgents();
  return {
    openSource: (input, deliver) => {
      if ('mqtt' in input) {
        return bus.subscribe(input.mqtt.topic, ({ payload }) => {
          deliver(payload);
        });
      }
      if ('http' in input) return openHttpSource(input, { agent: http.sensors, deliver });
      if ('coap' in input) return openCoapSource(input, { client: coap, deliver });
      if ('ble' in input) return ble.open(input.ble, deliver);
      if ('push' in input) return { verify: () => undefined, close: () => undefined };
      return input satisfies never;
    },
    openOutlet: (action) => {
      if ('mqtt' in action) return bus.openTopic(action.mqtt.topic);
      if ('http' in action) return openHttpOutlet(action, { agent: http.actuators });
      if ('coap' in action) return openCoapOutlet(action, { client: coap });
      if ('virtual' in action) return { send: () => Promise.resolve(), close: () => undefined };
      // Whatever the schema takes is known here; a transport that it learns must be learned here too.
      return action satisfies never;
    },
    close: async () => {
      await Promise.all([coap.close(), http.close(), ble.close()]);
    },
  };
}
