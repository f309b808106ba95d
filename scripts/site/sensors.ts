import { join } from 'node:path';
import { startProcess } from './processes.ts';
import { logFileOf, type Site } from './open-site.ts';
import { edgeOf } from './publish.ts';
import { waitFor } from './status.ts';

const fed = [
  { edge: 'edge-1', counters: 'load,memory', view: '/v1/resources/greenfields/host-load/views/now' },
  { edge: 'edge-2', counters: 'network,disk', view: '/v1/resources/greenfields/host-network/views/received' },
];

/** Starts a sensor process beside each edge and waits for the first readings to be served. @throws TIMEOUT, INTERNAL */
export async function startSensors(site: Site, step: (message: string) => void): Promise<void> {
  step("feeding them this host's load, memory, network and disk counters over MQTT");
  for (const { edge, counters } of fed) {
    const name = `${edge}-sensor`;
    const { mqttUrl } = edgeOf(site, edge);
    await site.processes.run(name, async () => {
      const { process: sensor } = await startProcess({
        name,
        command: process.execPath,
        args: [join('scripts', 'site', 'host-sensor.ts'), mqttUrl, counters],
        logFile: logFileOf(site.folder, name),
        isReady: (line) => line.includes('"ready":true'),
      });
      return sensor;
    });
  }
  for (const { edge, view } of fed) {
    const url = `${edgeOf(site, edge).url}${view}`;
    await waitFor(`a reading at ${url}`, async () => ((await fetch(url)).ok ? true : undefined));
  }
}
