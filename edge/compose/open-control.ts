import { startControlServer } from '../../platform/control/control-server.ts';
import { logStream } from '../../platform/control/log-stream.ts';
import type { Agent } from '../agent.ts';
import type { Opened } from '../close-all.ts';
import type { EdgeOptions } from '../edge-options.ts';
import { importBundle } from '../import-bundle.ts';
import type { EdgeStatus } from '../status.ts';
import type { Ground } from './open-ground.ts';
import type { Mind } from './open-mind.ts';

/** What the operator's commands need. */
export type ControlOptions = EdgeOptions &
  Ground &
  Mind & { readonly agent: Agent; readonly status: () => EdgeStatus; readonly close: () => Promise<void> };

/** Listens to the operator on this host. @throws CONFIG */
export async function openControl(options: ControlOptions, opened: Opened): Promise<void> {
  const { account, agent, anchors, keeper, memory, status, close, config, log, logRing } = options;
  const isTold = () => keeper.newest()?.state.tellsOf?.({ kind: 'device', account }) !== false;
  const commands = {
    status: () => Promise.resolve(status()),
    verify: () => agent.verify(),
    ...anchors.commands,
    'import-bundle': importBundle({
      take: (bundle) => agent.take(bundle),
      head: () => memory.head?.block,
      untold: () => (isTold() ? undefined : account),
    }),
    stop: () => {
      // The answer goes out before the socket that carries it closes.
      setImmediate(() => void close());
      return Promise.resolve({ stopping: true });
    },
  };
  const streams = logRing && { logs: logStream(logRing) };
  const control = await startControlServer({ folder: config.dataFolder, commands, ...(streams && { streams }), log });
  opened.push(() => control.close());
}
