import type { SignedAnchor } from '../../core/state/signed-anchor.ts';
import { DewproofError } from '../../core/errors.ts';
import { isSignedBy } from '../is-signed-by.ts';
import { addSignature } from '../anchor/add-signature.ts';
import { changeAnchor } from '../anchor/change-anchor.ts';
import { writeAnchor } from '../anchor/write-anchor.ts';
import type { AnchorChangeOptions } from '../anchor-options.ts';
import { openAccount } from '../home/open-account.ts';
import { openHome } from '../home/open-home.ts';
import { readAnchor } from '../home/read-anchor.ts';
import { say } from '../output/messages.ts';
import { printRecord } from '../output/print.ts';
import { anchorRecord, anchorVerdict } from '../rows/anchor-rows.ts';

/**
 * Writes the anchor that follows one: the next version, with what the options change, to be signed.
 * @throws what `changeAnchor` does; CONFLICT (the file exists), FORBIDDEN, KEY_MISSING, WRONG_PASSWORD; and what no
 * signature would mend: ROLLBACK, EQUIVOCATION, PROOF_INVALID
 */
export async function rotateAnchor(
  { from, to }: { readonly from: string; readonly to: string },
  options: AnchorChangeOptions,
): Promise<void> {
  const current = await readAnchor(from);
  if (current.roots === undefined) {
    throw new DewproofError(
      'USAGE',
      `${from} names no roots, so that no device takes another one from afar; use anchor create.`,
    );
  }
  const anchor = await changeAnchor(current, { version: current.version + 1, options });
  const unsigned: SignedAnchor = { apiVersion: 'dewproof/v1', kind: 'SignedAnchor', anchor, signatures: [] };
  verifyTakeable({ current, next: unsigned });
  const signed = options.sign === true ? await signAtOnce(unsigned, { current, options }) : unsigned;
  await writeAnchor(to, signed, { replace: options.force === true });
  await printRecord({ file: to, ...anchorRecord(signed, { isSignedBy }) }, options.output);
  say('Have the roots sign it in turn with `dewproof anchor sign`; then `dewproof anchor import` it at a dew.');
}

/** As if all had signed: what is wrong with it shall not show only once they have. */
function verifyTakeable(pair: { readonly current: SignedAnchor['anchor']; readonly next: SignedAnchor }): void {
  const accounts = [pair.current, pair.next.anchor].flatMap(({ roots }) => roots?.accounts ?? []);
  const signatures = [...new Set(accounts)].map((account) => ({ account, signature: '0x' as const }));
  const next = { ...pair.next, signatures };
  const { code, why } = anchorVerdict({ ...pair, next }, { isSignedBy: () => true });
  if (code !== undefined) throw new DewproofError(code, why);
}

async function signAtOnce(
  signed: SignedAnchor,
  { current, options }: { readonly current: SignedAnchor['anchor']; readonly options: AnchorChangeOptions },
): Promise<SignedAnchor> {
  return addSignature(signed, { signer: await openAccount(await openHome(options.home), options), current });
}
