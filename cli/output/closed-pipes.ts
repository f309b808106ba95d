/**
 * Lets a reader go away (`dewproof get resources | head -1`) without ending the command: what is on its way to the
 * ledger or the dew is finished, only the output is dropped.
 */
export function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}
