import { once } from 'node:events';
import { DewproofError, hasCode } from '../../core/errors.ts';
import { followDaemon } from '../../platform/control/control-client.ts';
import type { LogItem, LogQuery } from '../../platform/control/log-stream.ts';
import type { LogsOptions, Since } from '../commands/logs.ts';
import { openDataFolder } from '../home/open-data-folder.ts';
import { say } from '../output/messages.ts';
import { formatLogEntry } from '../rows/log-lines.ts';

/** Prints what the daemon of a data folder logged, and follows it until Ctrl-C. @throws DAEMON_UNAVAILABLE, CONFIG */
export async function showLogs(resource: string | undefined, options: LogsOptions): Promise<void> {
  const folder = await openDataFolder(options);
  const interrupted = new AbortController();
  const interrupt = () => {
    interrupted.abort();
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  // A reader as `head` that has seen enough ends a log that is followed, too.
  process.stdout.once('error', interrupt);
  try {
    const call = { folder, command: 'logs', input: queryOf(resource, options) };
    let items = 0;
    for await (const item of followDaemon(call, interrupted.signal)) {
      items += 1;
      await showItem(item as LogItem, options);
    }
    if (items === 0 && !interrupted.signal.aborted) say(nothingOf(resource));
    if (options.follow && !interrupted.signal.aborted) say('The daemon ended its log.');
  } catch (error) {
    throw explain(error, folder);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

/** An empty answer alone leaves open whether a name was mistyped. */
function nothingOf(resource: string | undefined): string {
  const nothing = "The daemon's log, which holds what is newest, has nothing";
  return resource === undefined
    ? `${nothing} that was asked for.`
    : `${nothing} of ${resource} that was asked for; see that the name is right.`;
}

function queryOf(resource: string | undefined, { follow, since, level, lines }: LogsOptions): LogQuery {
  return {
    ...(resource !== undefined && { resource }),
    ...(since !== undefined && { sinceMs: momentOf(since) }),
    ...(level !== undefined && { level }),
    ...(lines !== undefined && { lines }),
    follow: follow ?? false,
  };
}

function momentOf(since: Since): number {
  return 'atMs' in since ? since.atMs : Math.max(0, Date.now() - since.agoMs);
}

/** Waits for a slow reader of ours: the daemon's ring holds what we do not take. */
async function showItem(item: LogItem, { output }: LogsOptions): Promise<void> {
  if (!('seq' in item)) {
    say(`${item.dropped} entries were dropped before they could be shown.`);
    return;
  }
  if (!process.stdout.write(await formatLogEntry(item, output)) && !process.stdout.destroyed) {
    await once(process.stdout, 'drain').catch(() => undefined);
  }
}

function explain(error: unknown, folder: string): unknown {
  if (hasCode(error, 'NOT_FOUND')) {
    return new DewproofError('UNSUPPORTED', 'The daemon there is older than this command; restart it.', {
      cause: error,
    });
  }
  if (!hasCode(error, 'DAEMON_UNAVAILABLE')) return error;
  return new DewproofError(
    'DAEMON_UNAVAILABLE',
    `No daemon runs on ${folder}; start one with \`dewproof edge start\`, \`dew start\` or \`witness start\`.`,
    { cause: error },
  );
}
