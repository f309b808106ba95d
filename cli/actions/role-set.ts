import type { Account } from '../../core/account.ts';
import { roleIdOf, type Name } from '../../core/ids.ts';
import type { SetMemberOptions } from '../commands/role-set.ts';
import { expiryAt } from '../expiry.ts';
import { showTime } from '../show-time.ts';
import { nowOfLedger } from '../ledger/now.ts';
import { submit } from '../ledger/submit.ts';
import { printRecord } from '../output/print.ts';
import { submittedFields } from '../rows/submitted-fields.ts';
import { withAccount } from '../session.ts';

/** Makes an account a member of a policy role. @throws the ledger's own codes */
export async function setMember(
  { name, account }: { readonly name: Name; readonly account: Account },
  options: SetMemberOptions,
): Promise<void> {
  await withAccount(options, async ({ ledger, names }) => {
    const role = roleIdOf({ tenant: names.tenant, name });
    const expiresAt = expiryAt(options.expires, await nowOfLedger(ledger));
    const submitted = await submit(ledger, { type: 'set-member', role, account, expiresAt });
    names.learn('role', name);
    await names.save();
    const member = { role: name, account, expires: showTime(expiresAt) };
    await printRecord({ ...member, ...submittedFields(submitted) }, options.output);
  });
}
