// `npm start`: a whole site on this machine, with real parts. `npm start -- --attack` attacks it too.
import { join, relative } from 'node:path';
import { parseArgs, styleText } from 'node:util';
import { attackSite } from './site/attack.ts';
import { startHardhatNode } from './site/chain-process.ts';
import { openSite, type Site } from './site/open-site.ts';
import { hostPublications, publishResources } from './site/publish.ts';
import { runSite } from './site/run-site.ts';
import { startSensors } from './site/sensors.ts';

const usage = `usage: npm start -- [--attack] [--once] [--folder DIR]

Opens a fresh site: a chain (hardhat node), three witnesses, a dew server and two edge devices as processes of their
own, fed with this host's own load, memory, network and disk counters. The edges ask no node: they believe what two of
the witnesses signed. Ctrl-C stops everything.

  --attack      have the dew server lie in every way to the edges, and show how they refuse
  --once        stop when everything has been shown, instead of waiting for Ctrl-C
  --folder DIR  where the site keeps its files (default .dewproof/site)`;

const values = readOptions();
if (values.help) {
  console.log(usage);
  process.exit(0);
}

await runSite({ name: 'site', once: values.once }, async ({ step, signal, keep }) => {
  const site = await openSite({
    folder: values.folder,
    withAttacker: values.attack,
    startChain: startHardhatNode,
    confirmations: 0,
    step,
    signal,
  });
  keep(site);
  await publishResources(site, { publications: hostPublications, step });
  await startSensors(site, step);
  showSite(site);
  if (values.attack) await showAttacks(site);
});

function showSite({ edges, folder, dewUrl, chainUrl }: Site): void {
  const [first, second] = edges;
  if (!first || !second) throw new TypeError('the site has two edges');
  const below = relative('.', folder);
  const home = (name: string): string => join(below.startsWith('..') ? folder : below, name);
  const mqttPort = new URL(first.mqttUrl).port;
  const views = `${first.url}/v1/resources/greenfields/host-load/views`;
  console.log(`
${styleText('bold', 'The site is up.')}
  chain    ${chainUrl}
  dew      ${dewUrl}
  edge-1   ${first.url}  (host-load)     broker ${first.mqttUrl}
  edge-2   ${second.url}  (host-network)  broker ${second.mqttUrl}

${styleText('bold', 'Try')}
  curl ${views}/now
  curl '${views}/minutely'
  curl ${second.url}/v1/resources/greenfields/host-network/views/received
  mosquitto_pub -p ${mqttPort} -t host/load -m '{"load1": 42, "load5": 7}'   # then ask for …/views/now again
  npx dewproof --home ${home('operator')} get resources
  npx dewproof --home ${home('operator')} history host-load
  npx dewproof --home ${home('edge-1')} status            # whom it believes, how old that is
  npx dewproof --home ${home('witness-north')} status
  npx dewproof anchor inspect ${home('device-anchor.json')}
  npx dewproof --home ${home('operator')} revoke host-network`);
}

async function showAttacks(opened: Site): Promise<void> {
  console.log(`\n${styleText('bold', 'Attacks')}`);
  await attackSite(opened, ({ attack, code, message, after }) => {
    console.log(
      `  ${attack}\n    ${styleText('red', `refused: ${code}`)}  ${message}\n    ${styleText('green', after)}`,
    );
  });
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        attack: { type: 'boolean', default: false },
        once: { type: 'boolean', default: false },
        folder: { type: 'string', default: join('.dewproof', 'site') },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    console.error(`site: USAGE: ${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exit(64);
  }
}
