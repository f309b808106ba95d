import type { Log } from '../../platform/log.ts';
import type { Bus } from './bus.ts';
import { startEmbeddedBus } from './embedded-bus.ts';
import { openExternalBus } from './external-bus.ts';

/** A broker within the edge, at `port` (0 is any free one), or one beside it. */
export type BusConfig =
  { readonly embedded: { readonly host: string; readonly port: number } } | { readonly url: string };

/** Opens the bus that a device is set up with. @throws PORT_IN_USE, CONFIG */
export async function openBus(
  config: BusConfig,
  { commit, log }: { readonly commit: () => Promise<void>; readonly log: Log },
): Promise<Bus> {
  if ('url' in config) return openExternalBus({ url: config.url, log });
  return startEmbeddedBus({ ...config.embedded, commit, log });
}
