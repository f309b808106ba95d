import { join } from 'node:path';
import { examplesFolder, urlOfResource, type Example } from '../example.ts';
import { logFileOf } from '../../site/open-site.ts';
import { startProcess } from '../../site/processes.ts';

/** A plot that waters itself by rules: a real pump over MQTT, and a valve that is virtual. */
export const example: Example = {
  title: 'Irrigation: rules, a virtual actuator and a real one',
  needs: [],
  resources: ['plot'],
  startField: () => Promise.resolve({ bindings: {} }),
  startSensors: async ({ edges, folder, processes }) => {
    await processes.run('plot', async () => {
      const { process: plot } = await startProcess({
        name: 'plot',
        command: process.execPath,
        args: [join(examplesFolder, 'irrigation', 'plot.ts'), edges[0]?.mqttUrl ?? ''],
        logFile: logFileOf(folder, 'plot'),
        isReady: (line) => line.includes('"ready":true'),
      });
      return plot;
    });
  },
  grants: (accountOf) => [
    ['--any-resource', '--anyone', '--actions', 'read'],
    ['--resource', 'plot', '--account', accountOf('operator'), '--actions', 'read,invoke'],
  ],
  tries: ({ site }) => {
    const base = urlOfResource(site, 'plot');
    const operator = join(site.folder, 'operator');
    return [
      `curl ${base}/views/moisture`,
      `curl ${base}/views/watering      # what the rules did with the valve, and when`,
      `curl ${base}/views/pump`,
      `npx dewproof --home ${operator} call -X POST -d '{"value": true}' ${base}/actions/valve   # by hand, as who may`,
    ];
  },
};
