import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { urlOfResource, type Example } from '../example.ts';
import { freePort } from '../../site/free-port.ts';
import { logFileOf } from '../../site/open-site.ts';
import { startProcess } from '../../site/processes.ts';
import { waitFor } from '../../site/status.ts';

const run = promisify(execFile);

/** A door and its lock on libcoap's server: observed, and locked by a rule or by hand. */
export const example: Example = {
  title: 'Door: CoAP Observe, a rule, an action',
  needs: [
    { command: 'coap-server-notls', package: 'libcoap3-bin' },
    { command: 'coap-client-notls', package: 'libcoap3-bin' },
  ],
  resources: ['door'],
  startField: async ({ folder, processes }) => {
    const port = await freePort();
    await processes.run('door', async () => {
      const { process: door } = await startProcess({
        name: 'door',
        command: 'sh',
        // It says nothing of its own: whoever PUTs makes a resource, which others then observe.
        args: ['-c', `echo ready; exec coap-server-notls -A 127.0.0.1 -p ${port} -d 8`],
        logFile: logFileOf(folder, 'door'),
        isReady: (line) => line === 'ready',
      });
      return door;
    });
    const base = `coap://127.0.0.1:${port}`;
    for (const [path, state] of Object.entries({ door: 'closed', lock: 'unlocked' })) {
      await waitFor(`the ${path}`, () => put({ uri: `${base}/${path}`, state }));
    }
    return { bindings: { door: `${base}/door`, lock: `${base}/lock` } };
  },
  grants: (accountOf) => [
    ['--any-resource', '--anyone', '--actions', 'read'],
    ['--resource', 'door', '--account', accountOf('operator'), '--actions', 'read,invoke'],
  ],
  tries: ({ site, field }) => {
    const base = urlOfResource(site, 'door');
    const operator = join(site.folder, 'operator');
    return [
      `curl ${base}/views/now`,
      `coap-client-notls -m put -e open ${field.bindings['door'] ?? ''}     # somebody opens it`,
      `curl ${base}/views/passages`,
      `npx dewproof --home ${operator} call -X POST -d '{"value": "unlocked"}' ${base}/actions/lock`,
      `coap-client-notls -m get ${field.bindings['lock'] ?? ''}`,
    ];
  },
};

async function put({ uri, state }: { uri: string; state: string }): Promise<true | undefined> {
  await run('coap-client-notls', ['-m', 'put', '-B', '1', '-e', state, uri]);
  const { stdout } = await run('coap-client-notls', ['-m', 'get', '-B', '1', uri]);
  return stdout.includes(state) ? true : undefined;
}
