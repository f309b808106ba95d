import { join } from 'node:path';
import { startProcess } from './processes.ts';
import { logFileOf, type Site } from './open-site.ts';
import { waitFor } from './status.ts';

const fed = {
  'edge-1': { counters: 'load,memory', view: '/v1/resources/greenfields/host-load/views/now' },
  'edge-2': { counters: 'network,disk', view: '/v1/resources/greenfields/host-network/views/received' },
} as const;

/** Starts a sensor process beside each edge and waits for the first readings to be served. @throws TIMEOUT, INTERNAL */
export async function startSensors(site: Site, step: (message: string) => void): Promise<void> {
  step("feeding them this host's load, memory, network and disk counters over MQTT");
  for (const edge of site.edges) {
    const name = `${edge.name}-sensor`;
    await site.processes.run(name, async () => {
      const { process: sensor } = await startProcess({
        name,
        command: process.execPath,
        args: [join('scripts', 'site', 'host-sensor.ts'), edge.mqttUrl, fed[edge.name].counters],
        logFile: logFileOf(site.folder, name),
        isReady: (line) => line.includes('"ready":true'),
      });
      return sensor;
    });
  }
  for (const edge of site.edges) {
    const url = `${edge.url}${fed[edge.name].view}`;
    await waitFor(`a reading at ${url}`, async () => ((await fetch(url)).ok ? true : undefined));
  }
}
