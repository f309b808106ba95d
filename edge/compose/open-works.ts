import type { Opened } from '../close-all.ts';
import { openBus } from '../bus/open-bus.ts';
import { createDiskTrouble } from '../disk-trouble.ts';
import type { EdgeOptions } from '../edge-options.ts';
import { openHosts } from '../hosts/open-hosts.ts';
import { createKeyValuesStore } from '../kv/key-values-store.ts';
import { readLinks } from '../network/read-links.ts';
import { watchLinks, type LinkWatch } from '../network/watch-links.ts';
import { openReadings } from '../readings/open-readings.ts';
import { startReceipts } from '../receipts/start-receipts.ts';
import { openSecrets } from '../secrets/open-secrets.ts';
import { createTransports } from '../transports/create-transports.ts';
import type { Ground } from './open-ground.ts';
import type { Mind } from './open-mind.ts';

const LOOK_AT_LINKS_EVERY_MS = 2000;

/** What resources run on: secrets, readings, links, transports, hosts, and the receipts of all that. */
export type Works = Awaited<ReturnType<typeof openWorks>>;

/** Opens what resources run on; none runs yet. @throws PORT_IN_USE, CONFIG, STORE_CORRUPT, DISK_FULL */
export async function openWorks(options: EdgeOptions & Ground & Mind, opened: Opened) {
  const { config, store, refusals, clock, metrics } = options;
  const { secrets, follow: followSecrets } = await openSecrets({ ...options, urls: config.dewUrls });
  const disk = createDiskTrouble(refusals);
  const readings = openReadings(store.readings, { clock, onCommit: disk.of('readings'), onReading: metrics.reading });
  opened.push(readings.close);
  const bus = await openBus(config.mqtt, { commit: readings.commit, log: options.log });
  opened.push(() => bus.close());
  const links = await openLinks(options, opened);
  const transports = createTransports({ bus, random: options.random });
  opened.push(() => transports.close());
  const onKeyValues = disk.of('key-values');
  const keyValues = createKeyValuesStore({ level: store.keyValues, onCommit: onKeyValues });
  opened.push(() => keyValues.close().catch(onKeyValues));
  const world = { links, transports, readings: readings.store, keyValues, trouble: disk.current };
  const hosts = openHosts({ ...options, ...world });
  opened.push(() => hosts.close());
  const receipts = startReceipts({ ...options, urls: config.dewUrls });
  opened.push(receipts.close);
  return { secrets, followSecrets, bus, links, runtimes: hosts.startHosts, receipts };
}

async function openLinks({ refusals, ...options }: EdgeOptions & Ground, opened: Opened): Promise<LinkWatch> {
  const links = await watchLinks({
    readLinks: options.readLinks ?? readLinks,
    everyMs: LOOK_AT_LINKS_EVERY_MS,
    onTrouble: ({ code, message }) => {
      refusals.record({ about: 'links', code, message });
    },
  });
  opened.push(() => links.close());
  return links;
}
