import { checkBundle } from '../../chain/light/check-bundle.ts';
import { loadProofCrypto } from '../../chain/light/crypto/load-crypto.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import type { BundleImported } from '../../edge/import-bundle.ts';
import { unixSeconds } from '../../platform/clock.ts';
import { readBundle, sourceName } from '../bundle/read-bundle.ts';
import type { ImportOptions } from '../commands/bundle-import.ts';
import { handOver } from '../daemon/hand-over.ts';
import { openDataFolder } from '../home/open-data-folder.ts';
import { openHome } from '../home/open-home.ts';
import { readAnchor } from '../home/read-anchor.ts';
import { warn } from '../output/messages.ts';
import { printRecord } from '../output/print.ts';
import { showTime } from '../show-time.ts';

/**
 * Hands a bundle's file to this host's edge; where none runs, says whether the bundle holds against the home's anchor.
 * @throws what the bundle is refused with; USAGE, CONFIG, UNSUPPORTED (a dew runs here), DAEMON_UNAVAILABLE
 */
export async function importBundleFile(file: string, options: ImportOptions): Promise<void> {
  const bytes = await readBundle(file);
  const folder = await openDataFolder(options);
  const input = { bundle: Buffer.from(bytes).toString('base64') };
  const answer = await handOver({ folder, command: 'import-bundle', input });
  if (answer !== undefined) {
    // It is our own daemon that answers, over a socket that nobody else can open.
    const { block = null, untold } = answer as Partial<BundleImported>;
    await printRecord({ file: sourceName(file), block: block && shownOf(block) }, options.output);
    // An edge of an older release says nothing of it.
    if (typeof untold === 'string')
      warn(`Nothing in it tells of this device: once it is enrolled, export one with --device ${untold}.`);
    return;
  }
  const anchor = await homeAnchor(options, folder);
  const now = unixSeconds(Date.now);
  const { finalized } = checkBundle(bytes, { anchor, now, crypto: await loadProofCrypto() });
  throw new DewproofError(
    'DAEMON_UNAVAILABLE',
    `${sourceName(file)} holds, as of block ${finalized.head.height}. But no edge runs on ${folder} to take it; start it and import it again.`,
  );
}

/** Who named a data folder alone need have no home. @throws CONFIG, DAEMON_UNAVAILABLE */
async function homeAnchor({ home, data }: ImportOptions, folder: string): Promise<Anchor> {
  try {
    return await readAnchor((await openHome(home)).anchorFile);
  } catch (error) {
    if (data === undefined || !hasCode(error, 'CONFIG')) throw error;
    throw new DewproofError('DAEMON_UNAVAILABLE', `No edge runs on ${folder}; start it and import the bundle again.`);
  }
}

/** What the edge believes now, its age by this host's clock. */
function shownOf({ height, hash, time }: NonNullable<BundleImported['block']>) {
  const seconds = BigInt(time);
  const ageSeconds = Math.max(0, Number(unixSeconds(Date.now) - seconds));
  return { height, hash, time: showTime(seconds), ageSeconds };
}
