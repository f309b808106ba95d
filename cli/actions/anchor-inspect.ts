import { exitCodes } from '../../core/exit-codes.ts';
import { isSignedBy } from '../is-signed-by.ts';
import type { AnchorInspectOptions } from '../commands/anchor-inspect.ts';
import { readAnchor } from '../home/read-anchor.ts';
import { readAnchorFile } from '../home/read-anchor-file.ts';
import { printRecord } from '../output/print.ts';
import { anchorRecord, anchorVerdict } from '../rows/anchor-rows.ts';

/** Prints what an anchor's file says; exit code 77 where a device that has `--current` would not take it. @throws CONFIG */
export async function inspectAnchor(file: string, options: AnchorInspectOptions): Promise<void> {
  const next = await readAnchorFile(file);
  const current = options.current === undefined ? undefined : await readAnchor(options.current);
  const device = current && anchorVerdict({ current, next }, { isSignedBy });
  await printRecord({ file, ...anchorRecord(next, { isSignedBy }), device }, options.output);
  if (device?.takes === false) process.exitCode = exitCodes.refused;
}
