import { DewproofError } from '../../core/errors.ts';
import { anchorSchema } from '../../core/state/anchor.ts';
import { planAnchors } from '../../core/state/plan-anchors.ts';
import type { SignedAnchor } from '../../core/state/signed-anchor.ts';
import { MAX_ANCHORS_BYTES, parseAnchors } from '../../core/wire/anchors.ts';
import { parseJsonBytes } from '../../core/wire/json-bytes.ts';
import type { AnchorsImported } from '../../platform/anchors/import-anchors.ts';
import { isSignedBy } from '../is-signed-by.ts';
import { writeAnchor } from '../anchor/write-anchor.ts';
import type { AnchorImportOptions } from '../commands/anchor-import.ts';
import { handOver } from '../daemon/hand-over.ts';
import { openDataFolder } from '../home/open-data-folder.ts';
import { openHome } from '../home/open-home.ts';
import { readAnchor } from '../home/read-anchor.ts';
import { readNamedFile } from '../home/read-named-file.ts';
import { say, warn } from '../output/messages.ts';
import { printRecord } from '../output/print.ts';

/**
 * Hands signed anchors from a file to this host's dew or edge, and with `replace` puts the newest into the home; where
 * nothing runs and nothing is replaced, says whether they would be taken.
 * @throws SCHEMA, ENDLESS_DATA, USAGE, CONFIG; what the anchors are refused with; DAEMON_UNAVAILABLE
 */
export async function importAnchorFile(file: string, options: AnchorImportOptions): Promise<void> {
  const anchors = await readAnchors(file);
  const folder = await openDataFolder(options);
  const answer = await handOver({ folder, command: 'import-anchors', input: { anchors } });
  // It is our own daemon that answers, over a socket that nobody else can open.
  const given = answer as AnchorsImported | undefined;
  if (options.replace === true) {
    const home = await replaceHomes(anchors, options);
    await printRecord({ file, ...changeOf(given, options), home }, options.output);
    if (given === undefined && (await openHome(options.home)).config.role === 'dew') {
      warn(
        'No dew runs here: it will go by this anchor, but not hand it to devices. Import it at a dew that runs, or at an edge, which tells its peers.',
      );
    }
  } else if (given !== undefined) {
    await printRecord({ file, ...changeOf(given, options) }, options.output);
    if (given.taken.length === 0) say(`Nothing in it is new: what runs here goes by version ${given.version} already.`);
  } else {
    const { from, to } = await planHomes(anchors, options);
    throw new DewproofError(
      'DAEMON_UNAVAILABLE',
      `${file} holds: it leads from version ${from} to ${to}. But nothing runs on ${folder} to take it; start the edge or dew and import it again, or use --replace.`,
    );
  }
}

/** That nothing was new is said in a word: people would read an empty list as a fault. */
function changeOf(given: AnchorsImported | undefined, { output }: AnchorImportOptions): object {
  if (given === undefined) return {};
  const { version, taken } = given;
  if (taken.length > 0) return { version, change: 'taken', taken };
  return { version, change: 'unchanged', ...(output !== 'table' && { taken }) };
}

async function readAnchors(file: string): Promise<readonly SignedAnchor[]> {
  const bytes = await readNamedFile(file, { maxBytes: MAX_ANCHORS_BYTES, tooLarge: 'ENDLESS_DATA' });
  if (!anchorSchema.safeParse(parseJsonBytes(bytes)).success) return parseAnchors(bytes);
  throw new DewproofError(
    'SCHEMA',
    `Nobody signed the anchor in ${file}: have its roots do so with \`dewproof anchor sign\`. One that nobody must sign is put in the place of the home's anchor.json by hand.`,
  );
}

/** The version that the home's file then has. */
async function replaceHomes(anchors: readonly SignedAnchor[], options: AnchorImportOptions): Promise<number> {
  const { file, to, newest } = await planHomes(anchors, options);
  if (newest !== undefined) await writeAnchor(file, newest, { replace: true });
  return to;
}

/** What the anchors come to for a host that has the home's. @throws what refused the first, where none was taken */
async function planHomes(anchors: readonly SignedAnchor[], { home }: AnchorImportOptions) {
  const { anchorFile: file } = await openHome(home);
  const current = await readAnchor(file);
  const { taken, anchor, refusal } = planAnchors({ current, offered: anchors }, { isSignedBy });
  if (refusal !== undefined && taken.length === 0) throw refusal;
  return { file, from: current.version, to: anchor.version, newest: taken.at(-1) };
}
