import type { SignedAnchor } from '../../core/state/signed-anchor.ts';
import { isSignedBy } from '../is-signed-by.ts';
import { addSignature } from '../anchor/add-signature.ts';
import { changeAnchor } from '../anchor/change-anchor.ts';
import { writeAnchor } from '../anchor/write-anchor.ts';
import type { AnchorCreateOptions } from '../commands/anchor-create.ts';
import { openAccount } from '../home/open-account.ts';
import { openHome } from '../home/open-home.ts';
import { readAnchor } from '../home/read-anchor.ts';
import { say } from '../output/messages.ts';
import { printRecord } from '../output/print.ts';
import { anchorRecord } from '../rows/anchor-rows.ts';

/**
 * Writes the first anchor that a tenant's devices are given, made of another of the tenant's.
 * @throws what `changeAnchor` does; CONFLICT (the file exists), FORBIDDEN, KEY_MISSING, WRONG_PASSWORD
 */
export async function createAnchor(file: string, options: AnchorCreateOptions): Promise<void> {
  const from = await readAnchor(options.from ?? (await openHome(options.home)).anchorFile);
  const anchor = await changeAnchor(from, { version: options.version ?? 1, options });
  const unsigned: SignedAnchor = { apiVersion: 'dewproof/v1', kind: 'SignedAnchor', anchor, signatures: [] };
  const signed = options.sign === true ? await signAtOnce(unsigned, options) : unsigned;
  await writeAnchor(file, signed, { replace: options.force === true });
  await printRecord({ file, ...anchorRecord(signed, { isSignedBy }) }, options.output);
  if (anchor.roots === undefined) say('It names no roots: devices that get it can be given another one by hand only.');
}

async function signAtOnce(signed: SignedAnchor, options: AnchorCreateOptions): Promise<SignedAnchor> {
  const signer = await openAccount(await openHome(options.home), options);
  return addSignature(signed, { signer, current: undefined });
}
