import { Agent } from 'undici';
import { socketLookup } from './lookup-once.ts';

/** The connections to sensors and actuators over HTTP, apart from those to servers. */
export interface HttpAgents {
  /** Keeps connections between polls. */
  readonly sensors: Agent;
  /**
   * Keeps none: one that the actuator is just closing would lose an action, and nobody would know whether before or
   * after the actuator read it.
   */
  readonly actuators: Agent;
  close(): Promise<void>;
}

const limits = {
  maxHeaderSize: 16_384,
  connect: { lookup: socketLookup, timeout: 10_000 },
};

/** Prepares the agents; redirects are followed by neither. */
export function createHttpAgents(): HttpAgents {
  const sensors = new Agent({ ...limits, keepAliveMaxTimeout: 60_000 });
  const actuators = new Agent({ ...limits, pipelining: 0 });
  return {
    sensors,
    actuators,
    close: async () => {
      await Promise.all([sensors.destroy(), actuators.destroy()]);
    },
  };
}
