import { closeAll, type Opened } from './close-all.ts';
import { openControl } from './compose/open-control.ts';
import { openFaces } from './compose/open-faces.ts';
import { openFollowing } from './compose/open-following.ts';
import { openGround } from './compose/open-ground.ts';
import { openMind } from './compose/open-mind.ts';
import { openWorks } from './compose/open-works.ts';
import { readEdgeStatus } from './compose/read-edge-status.ts';
import type { EdgeOptions } from './edge-options.ts';
import type { EdgeStatus } from './status.ts';
import type { StoredReport } from './verify-stored.ts';

/** A running device. */
export interface Edge {
  /** `http://host:port`, where views are read. */
  readonly url: string;
  /** `mqtt://host:port`, where sensors publish. */
  readonly mqttUrl: string;
  /** `http://host:port/metrics`, unsigned, where that was asked for. */
  readonly metricsUrl?: string;
  status(): EdgeStatus;
  /** Verifies what the disk holds, without stopping anything. @throws STORE_CORRUPT (it can't be read at all) */
  verify(): Promise<StoredReport>;
  /** Resolved once it is closed, by `close` or by its operator. */
  readonly closed: Promise<unknown>;
  close(): Promise<void>;
}

/**
 * Starts a device: its store, its broker, its agent, then its faces.
 * @throws STORE_LOCKED, STORE_CORRUPT, DISK_FULL, PORT_IN_USE, CONFIG
 */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const opened: (() => Promise<void>)[] = [];
  try {
    return await openEdge(options, opened);
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

async function openEdge(options: EdgeOptions, opened: Opened): Promise<Edge> {
  const ground = await openGround(options, opened);
  // The sources, which are opened once there is something to believe with.
  const hears: { onHeard: (bundle: Uint8Array) => void } = { onHeard: () => undefined };
  const mind = await openMind(
    {
      ...options,
      ...ground,
      onHeard: (bundle) => {
        hears.onHeard(bundle);
      },
    },
    opened,
  );
  const device = { ...options, ...ground, ...mind };
  const works = await openWorks(device, opened);
  const following = await openFollowing(
    {
      ...device,
      ...works,
      onSources: (heard) => {
        hears.onHeard = heard;
      },
    },
    opened,
  );
  const { agent } = following;
  const urls = await openFaces({ ...device, agent }, opened);
  const { url, metricsUrl } = urls;
  const mqttUrl = works.bus.url;
  const status = () => readEdgeStatus({ ...device, ...works, agent, url, mqttUrl });
  const closing = createClosing(opened);
  await openControl({ ...device, agent, status, close: closing.close }, opened);
  return {
    url,
    mqttUrl,
    ...(metricsUrl !== undefined && { metricsUrl }),
    status,
    verify: () => agent.verify(),
    ...closing,
  };
}

/** Closes once, however often it is asked to. */
function createClosing(opened: Opened): Pick<Edge, 'closed' | 'close'> {
  const { promise: closed, resolve } = Promise.withResolvers<undefined>();
  let closing: Promise<void> | undefined;
  const close = () =>
    (closing ??= closeAll(opened).finally(() => {
      resolve(undefined);
    }));
  return { closed, close };
}
