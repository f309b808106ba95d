import { DewproofError, hasCode } from '../../core/errors.ts';
import { callDaemon } from '../../platform/control/control-client.ts';
import type { StatusOptions } from '../commands/status.ts';
import type { DewStatus } from '../../dew/status.ts';
import type { EdgeStatus } from '../../edge/status.ts';
import type { WitnessStatus } from '../../witness/status.ts';
import { openDataFolder } from '../home/open-data-folder.ts';
import { printRecord } from '../output/print.ts';
import { formatStatus } from '../rows/status-text.ts';

/** Prints what the daemon of a data folder answers of itself. @throws DAEMON_UNAVAILABLE, CONFIG */
export async function showStatus(options: StatusOptions): Promise<void> {
  const folder = await openDataFolder(options);
  const status = await callDaemon({ folder, command: 'status' }).catch((error: unknown) => {
    if (!hasCode(error, 'DAEMON_UNAVAILABLE')) throw error;
    throw new DewproofError(
      'DAEMON_UNAVAILABLE',
      `No daemon runs on ${folder}; start one with \`dewproof edge start\`, \`dew start\` or \`witness start\`.`,
      { cause: error },
    );
  });
  // It is our own daemon that answers, over a socket that nobody else can open.
  const known = status as EdgeStatus | DewStatus | WitnessStatus;
  if (options.output === 'table') process.stdout.write(formatStatus(known));
  else await printRecord(known, options.output);
}
