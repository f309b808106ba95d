import { join } from 'node:path';
import { logFileOf } from '../../site/open-site.ts';
import { startProcess } from '../../site/processes.ts';
import { examplesFolder, urlOfResource, type Example } from '../example.ts';

/** A heart-rate belt over Bluetooth Low Energy, on BlueZ's own D-Bus interface without a radio. */
export const example: Example = {
  title: 'Wearable: heart rate over Bluetooth Low Energy, a rule',
  needs: [
    { command: 'dbus-daemon', package: 'dbus' },
    { command: '/usr/lib/python3/dist-packages/dbusmock', package: 'python3-dbusmock' },
  ],
  resources: ['vitals'],
  startField: async ({ folder, processes }) => {
    // A socket's path is short; the site's folder may be deep.
    const socket = join('/tmp', `dewproof-ble-${process.pid}.sock`);
    await processes.run('belt', async () => {
      const { process: belt } = await startProcess({
        name: 'belt',
        command: '/usr/bin/python3',
        args: [join(examplesFolder, 'sensors', 'ble-mock.py'), '--socket', socket],
        logFile: logFileOf(folder, 'belt'),
        isReady: (line) => line.includes('"ready"'),
      });
      return belt;
    });
    return { bindings: {}, env: { DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${socket}` } };
  },
  tries: ({ site }) => {
    const views = `${urlOfResource(site, 'vitals')}/views`;
    return [`curl ${views}/now`, `curl ${views}/minutely`, `curl -N ${views}/now/events`, `curl ${views}/calls`];
  },
};
