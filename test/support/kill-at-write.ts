import { setTimeout as sleep } from 'node:timers/promises';
import { Level } from 'level';

/*
 * Loaded into a daemon with `--import`: kills it at its Nth synced batch, where a power cut would be worst.
 * `before`: nothing of it is on disk, and whoever asks has a while to be told too early; `during`; `after`: it is on
 * disk, and the daemon has not heard of that.
 */
const [count = '', moment = ''] = (process.env['DEWPROOF_TEST_KILL'] ?? '').split(' ');
const HELD_MS = 150;
let left = Number(count);

type Batch = (operations: unknown, options: { readonly sync?: boolean }) => Promise<void>;
const prototype = Level.prototype as unknown as { _batch: Batch };
const batch = prototype._batch;
prototype._batch = async function (operations, options) {
  if (options.sync === true) left -= 1;
  if (options.sync !== true || left !== 0) return batch.call(this, operations, options);
  if (moment === 'before') await sleep(HELD_MS);
  const writing = moment === 'before' ? undefined : batch.call(this, operations, options);
  if (moment === 'after') await writing;
  process.kill(process.pid, 'SIGKILL');
  return writing;
};
