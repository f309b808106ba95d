import { existsSync } from 'node:fs';
import type { Anchor } from '../../core/state/anchor.ts';
import { isSignedBy } from '../is-signed-by.ts';
import { addSignature } from '../anchor/add-signature.ts';
import { writeAnchor } from '../anchor/write-anchor.ts';
import type { AnchorSignOptions } from '../commands/anchor-sign.ts';
import { openAccount } from '../home/open-account.ts';
import { openHome, type Home } from '../home/open-home.ts';
import { readAnchor } from '../home/read-anchor.ts';
import { readAnchorFile } from '../home/read-anchor-file.ts';
import { printRecord } from '../output/print.ts';
import { anchorRecord, signersOf } from '../rows/anchor-rows.ts';

/**
 * Adds the home's account's signature to an anchor's file; a second time changes nothing. Others' signatures that do
 * not verify are dropped. @throws FORBIDDEN, CONFIG, KEY_MISSING, WRONG_PASSWORD
 */
export async function signAnchorFile(file: string, options: AnchorSignOptions): Promise<void> {
  const found = await readAnchorFile(file);
  const home = await openHome(options.home);
  const current = await currentOf(home, options);
  const signer = await openAccount(home, options);
  const before = signersOf(found, { isSignedBy });
  const sound = { ...found, signatures: found.signatures.filter(({ account }) => before.includes(account)) };
  const signed = await addSignature(sound, { signer, current });
  const isChanged = JSON.stringify(signed) !== JSON.stringify(found);
  if (isChanged) await writeAnchor(file, signed, { replace: true });
  const change = isChanged ? 'signed' : 'unchanged';
  await printRecord({ file, change, ...anchorRecord(signed, { isSignedBy }) }, options.output);
}

/** The anchor that the signed one is to follow, whose roots sign too: that of `--current`, or the home's. */
async function currentOf(home: Home, { current }: AnchorSignOptions): Promise<Anchor | undefined> {
  if (current !== undefined) return readAnchor(current);
  return existsSync(home.anchorFile) ? readAnchor(home.anchorFile) : undefined;
}
