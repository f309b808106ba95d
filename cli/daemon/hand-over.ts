import { DewproofError, hasCode } from '../../core/errors.ts';
import { callDaemon, type ControlCall } from '../../platform/control/control-client.ts';

/**
 * Has this host's daemon take something that came by file; answers what it says, undefined where none runs.
 * @throws UNSUPPORTED (it has no such command), and what it refuses with
 */
export async function handOver(call: ControlCall): Promise<unknown> {
  try {
    return await callDaemon(call);
  } catch (error) {
    if (hasCode(error, 'DAEMON_UNAVAILABLE')) return undefined;
    if (!hasCode(error, 'NOT_FOUND')) throw error;
    throw new DewproofError(
      'UNSUPPORTED',
      `The daemon on ${call.folder} takes none: it is of another kind, or older than this command.`,
      { cause: error },
    );
  }
}
