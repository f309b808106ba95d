import { join } from 'node:path';
import { z } from 'zod';
import { cliFile, runDewproof } from './dewproof.ts';
import { freePort } from './free-port.ts';
import { startProcess } from './processes.ts';
import { logFileOf, type Ground } from './open-site.ts';

/** A witness of the site: its name and Ed25519 key, and where it answers. */
export interface SiteWitness {
  readonly name: string;
  readonly publicKey: string;
  readonly url: string;
}

const keySchema = z.looseObject({ name: z.string(), publicKey: z.string() });
const names = ['north', 'south', 'west'];

/**
 * Makes three witnesses and starts each as a process of its own. They all follow the site's one node, where real
 * operators' follow one each.
 * @throws TIMEOUT, INTERNAL
 */
export async function startWitnesses(
  { folder, processes }: Ground,
  { chainUrl, confirmations }: { readonly chainUrl: string; readonly confirmations: number },
): Promise<readonly SiteWitness[]> {
  return Promise.all(
    names.map(async (name) => {
      const home = join(folder, `witness-${name}`);
      const options = [
        '--node',
        chainUrl,
        '--confirmations',
        String(confirmations),
        '--generate-password',
        '-o',
        'json',
      ];
      const { publicKey } = keySchema.parse(
        JSON.parse(await runDewproof(['--home', home, 'witness', 'init', name, ...options])),
      );
      const port = String(await freePort());
      await processes.run(`witness-${name}`, async () => {
        const { process: started } = await startProcess({
          name: `witness-${name}`,
          command: process.execPath,
          args: [cliFile, '--home', home, 'witness', 'start', '--port', port],
          logFile: logFileOf(folder, `witness-${name}`),
          isReady: (line) => line.startsWith('{"ready":true'),
        });
        return started;
      });
      return { name, publicKey, url: `http://127.0.0.1:${port}` };
    }),
  );
}
