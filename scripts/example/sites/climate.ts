import { join } from 'node:path';
import { examplesFolder, urlOfResource, type Example } from '../example.ts';
import { logFileOf } from '../../site/open-site.ts';
import { startProcess } from '../../site/processes.ts';

/** A barn whose sensors publish over MQTT, and a script that raises an alert over MQTT. */
export const example: Example = {
  title: 'Climate: MQTT sensors, a script, an alert',
  needs: [],
  resources: ['barn-air'],
  startField: () => Promise.resolve({ bindings: {} }),
  startSensors: async ({ edges, folder, processes }) => {
    await processes.run('sensor', async () => {
      const { process: sensor } = await startProcess({
        name: 'sensor',
        command: process.execPath,
        args: [join(examplesFolder, 'climate', 'sensor.ts'), edges[0]?.mqttUrl ?? ''],
        logFile: logFileOf(folder, 'sensor'),
        isReady: (line) => line.includes('"ready":true'),
      });
      return sensor;
    });
  },
  tries: ({ site }) => {
    const port = new URL(site.edges[0]?.mqttUrl ?? 'mqtt://127.0.0.1').port;
    const views = `${urlOfResource(site, 'barn-air')}/views`;
    return [
      `curl ${views}/now`,
      `curl ${views}/comfort                                              # computed by the script`,
      `mosquitto_sub -p ${port} -t barn/alert &                           # what an alarm bell would hear`,
      `for i in 1 2 3 4 5 6 7 8; do mosquitto_pub -p ${port} -t barn/7/temperature -m 60; done`,
      `curl ${views}/alerts`,
    ];
  },
};
