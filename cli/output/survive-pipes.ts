import { reportError } from './report-error.ts';

/**
 * Lets a reader go away (`dewproof get resources | head -1`) without ending the command: what is on its way to the
 * ledger or the dew is finished, only the output is dropped. Output that can't be written for another reason (a full
 * disk behind it) is an error like any other.
 */
export function survivePipes(): void {
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.exitCode = reportError(error);
  });
}
