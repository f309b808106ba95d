import { onTestFinished } from 'vitest';
import { verifyConfiguration } from '../../../core/verify.ts';
import type { Bus } from '../../../edge/bus/bus.ts';
import { createResourceHost } from '../../../edge/hosts/resource-host.ts';
import { createReadingsStore } from '../../../edge/readings/readings-store.ts';
import { createTransports } from '../../../edge/transports/create-transports.ts';
import type { Sublevel } from '../../../platform/store/open-store.ts';
import { rawResource } from '../../core/support/samples.ts';
import { questionAt } from '../../core/support/site.ts';
import { openTestLevel } from './test-store.ts';

/** A bus that hears nothing and takes everything. */
export const noBus: Bus = {
  url: 'mqtt://test.invalid',
  openTopic: () => ({ send: () => Promise.resolve(), close: () => undefined }),
  subscribe: () => ({ verify: () => undefined, close: () => undefined }),
  close: () => Promise.resolve(),
};

/** A resource that runs without an edge around it, on a clock of the test's. */
export async function startTestHost({
  spec,
  startMs,
  level,
}: {
  readonly spec: object;
  readonly startMs: number;
  readonly level?: Sublevel;
}) {
  const time = { nowMs: startMs };
  const used = level ?? (await openTestLevel());
  const store = createReadingsStore({ level: used, clock: () => time.nowMs, onCommit: () => undefined });
  onTestFinished(() => store.close().catch(() => undefined));
  const logic = { behavioursOf: () => [], openReach: () => Promise.reject(new TypeError('no logic here')) };
  const start = createResourceHost({
    transports: createTransports({ bus: noBus }),
    store,
    trouble: () => undefined,
    logic,
  });
  const host = await start({
    configuration: verifyConfiguration(questionAt({ document: rawResource(spec) })),
    artifacts: new Map(),
    signal: new AbortController().signal,
    onFailure: () => undefined,
    secret: () => Promise.reject(new TypeError('no secrets here')),
  });
  onTestFinished(() => host.stop());
  await host.takeOver();
  return { host, time, store, level: used };
}
