import type { VirtualResource } from '../../core/document/schema.ts';
import type { DewproofError } from '../../core/errors.ts';
import { resourceIdOf } from '../../core/ids.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { StartBehaviour } from '../behaviours/behaviour.ts';
import { createRulesBehaviour } from '../behaviours/rules/rules-behaviour.ts';
import { createScriptBehaviours } from '../behaviours/script/script-behaviours.ts';
import type { KeyValuesStore } from '../kv/key-values-store.ts';
import type { LinkWatch } from '../network/watch-links.ts';
import { createOutbound } from '../reach/fetch-outbound.ts';
import { openReach } from '../reach/open-reach.ts';
import type { ReadingsStore } from '../readings/readings-store.ts';
import type { Transports } from '../transports/transports.ts';
import type { StartHost } from './host.ts';
import { requireLinks } from './require-links.ts';
import { createResourceHost } from './resource-host.ts';

/** What all hosts of a device stand on; `trouble` is why the last commit to the disk failed. */
export interface HostsDeps {
  readonly links: Pick<LinkWatch, 'verify'>;
  readonly transports: Transports;
  readonly readings: ReadingsStore;
  readonly keyValues: KeyValuesStore;
  readonly trouble: () => DewproofError | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** The runtimes of a device. */
export interface Hosts {
  /** By kind of runtime. */
  readonly startHosts: Readonly<Record<string, StartHost>>;
  close(): Promise<void>;
}

/** Opens the runtimes: a resource has a script where its runtime says so, and rules where it has any. */
export function openHosts({ links, transports, readings, keyValues, trouble, clock, log }: HostsDeps): Hosts {
  const scripts = createScriptBehaviours({ clock });
  const rules = createRulesBehaviour({ clock, elapsedMs: () => performance.now() });
  const outbound = createOutbound();

  const behavioursOf = ({ spec }: VirtualResource): readonly StartBehaviour[] => [
    ...(spec.runtime.kind === 'script' ? [scripts.start] : []),
    ...(spec.rules.length > 0 ? [rules] : []),
  ];
  const reachDeps = {
    openKeyValues: ({ metadata }: VirtualResource) => keyValues.open(resourceIdOf(metadata)),
    fetchOutbound: (...call: Parameters<typeof outbound.fetch>) => outbound.fetch(...call),
    log,
  };
  const runHost = createResourceHost({
    transports,
    store: readings,
    trouble,
    logic: { behavioursOf, openReach: (parts) => openReach(parts, reachDeps) },
  });
  const startHost = requireLinks(runHost, links);
  return {
    startHosts: { views: startHost, script: startHost },
    close: async () => {
      await scripts.close();
      await outbound.close();
    },
  };
}
