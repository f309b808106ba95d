import type { GrantOptions } from '../commands/policy-grant.ts';
import { expiryAt } from '../expiry.ts';
import { showTime } from '../show-time.ts';
import { nowOfLedger } from '../ledger/now.ts';
import { submit } from '../ledger/submit.ts';
import { printRecord } from '../output/print.ts';
import { targetOf } from '../policy/policy-options.ts';
import { submittedFields } from '../rows/submitted-fields.ts';
import { withAccount } from '../session.ts';

/** Sets a subject's grant on a resource. @throws USAGE, the ledger's own codes */
export async function grant(options: GrantOptions): Promise<void> {
  await withAccount(options, async ({ ledger, names }) => {
    const { ids, shown } = targetOf(options, names);
    const expiresAt = expiryAt(options.expires, await nowOfLedger(ledger));
    const { actions, offline = false } = options;
    const submitted = await submit(ledger, { type: 'set-grant', ...ids, actions, offline, expiresAt });
    await names.save();
    const given = { ...shown, actions, offline, expires: showTime(expiresAt) };
    await printRecord({ ...given, ...submittedFields(submitted) }, options.output);
  });
}
