import type { RevokeGrantOptions } from '../commands/policy-revoke.ts';
import { confirm } from '../home/confirm.ts';
import { submit } from '../ledger/submit.ts';
import { printRecord } from '../output/print.ts';
import { targetOf } from '../policy/policy-options.ts';
import { submittedFields } from '../rows/submitted-fields.ts';
import { withAccount } from '../session.ts';

/** Ends a subject's grant on a resource. @throws USAGE, NO_GRANT, the ledger's own codes */
export async function revokeGrant(options: RevokeGrantOptions): Promise<void> {
  await withAccount(options, async ({ ledger, names }) => {
    const { ids, shown } = targetOf(options, names);
    const whose = `the grant of ${shown.subject} on ${shown.resource}`;
    await confirm(`End ${whose}?`, { assumeYes: options.yes ?? false });
    const submitted = await submit(ledger, { type: 'revoke-grant', ...ids });
    await printRecord({ ...shown, ...submittedFields(submitted) }, options.output);
  });
}
