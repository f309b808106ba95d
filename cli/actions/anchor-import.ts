import { DewproofError } from '../../core/errors.ts';
import { planAnchors } from '../../core/state/plan-anchors.ts';
import { MAX_ANCHORS_BYTES, parseAnchors } from '../../core/wire/anchors.ts';
import type { AnchorsImported } from '../../platform/anchors/import-anchors.ts';
import { isSignedBy } from '../../platform/statements/is-signed-by.ts';
import type { ImportOptions } from '../commands/bundle-import.ts';
import { handOver } from '../daemon/hand-over.ts';
import { openDataFolder } from '../home/open-data-folder.ts';
import { openHome } from '../home/open-home.ts';
import { readAnchor } from '../home/read-anchor.ts';
import { readNamedFile } from '../home/read-named-file.ts';
import { printRecord } from '../output/print.ts';

/**
 * Hands signed anchors from a file to this host's dew or edge; where none runs, says whether it would take them.
 * @throws SCHEMA, ENDLESS_DATA, USAGE, CONFIG; what the anchors are refused with; DAEMON_UNAVAILABLE
 */
export async function importAnchorFile(file: string, options: ImportOptions): Promise<void> {
  const bytes = await readNamedFile(file, { maxBytes: MAX_ANCHORS_BYTES, tooLarge: 'ENDLESS_DATA' });
  const anchors = parseAnchors(bytes);
  const folder = await openDataFolder(options);
  const answer = await handOver({ folder, command: 'import-anchors', input: { anchors } });
  if (answer !== undefined) {
    // It is our own daemon that answers, over a socket that nobody else can open.
    const { version, taken } = answer as AnchorsImported;
    await printRecord({ file, version, taken }, options.output);
    return;
  }
  const current = await readAnchor((await openHome(options.home)).anchorFile);
  const { taken, anchor, refusal } = planAnchors({ current, offered: anchors }, { isSignedBy });
  if (refusal !== undefined && taken.length === 0) throw refusal;
  throw new DewproofError(
    'DAEMON_UNAVAILABLE',
    `${file} holds: it leads from version ${current.version} to ${anchor.version}. But nothing runs on ${folder} to take it; start the edge or dew and import it again.`,
  );
}
