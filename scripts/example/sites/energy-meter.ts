import { join } from 'node:path';
import { examplesFolder, urlOfResource, type Example } from '../example.ts';
import { freePort } from '../../site/free-port.ts';
import { logFileOf } from '../../site/open-site.ts';
import { startProcess } from '../../site/processes.ts';

/** An electricity meter that speaks HTTP, asked every second. */
export const example: Example = {
  title: 'Energy meter: counters over HTTP, rates and percentiles',
  needs: [{ command: 'python3', package: 'python3' }],
  resources: ['meter'],
  startField: async ({ folder, processes }) => {
    const port = await freePort();
    await processes.run('meter', async () => {
      const { process: meter } = await startProcess({
        name: 'meter',
        command: 'python3',
        args: [join(examplesFolder, 'energy-meter', 'meter.py'), String(port)],
        logFile: logFileOf(folder, 'meter'),
        isReady: (line) => line.includes('"ready"'),
      });
      return meter;
    });
    const uri = `http://127.0.0.1:${port}/registers`;
    return { bindings: { energy: uri, power: uri } };
  },
  tries: ({ site }) => {
    const views = `${urlOfResource(site, 'meter')}/views`;
    return [
      `curl ${views}/power`,
      `curl ${views}/used                                   # watt-hours a minute, and a second`,
      `curl -H 'accept: text/csv' ${views}/load             # as a spreadsheet takes it`,
      `curl -N ${views}/power/events                        # live`,
    ];
  },
};
