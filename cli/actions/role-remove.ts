import type { Account } from '../../core/account.ts';
import { roleIdOf, type Name } from '../../core/ids.ts';
import type { RoleRemoveOptions } from '../commands/role-remove.ts';
import { confirm } from '../home/confirm.ts';
import { submit } from '../ledger/submit.ts';
import { printRecord } from '../output/print.ts';
import { submittedFields } from '../rows/submitted-fields.ts';
import { withAccount } from '../session.ts';

/** Ends an account's membership of a policy role. @throws NO_MEMBER, the ledger's own codes */
export async function removeMember(
  { name, account }: { readonly name: Name; readonly account: Account },
  options: RoleRemoveOptions,
): Promise<void> {
  await confirm(`End the membership of ${account} in ${name}?`, { assumeYes: options.yes ?? false });
  await withAccount(options, async ({ ledger, names }) => {
    const role = roleIdOf({ tenant: names.tenant, name });
    const submitted = await submit(ledger, { type: 'remove-member', role, account });
    await printRecord({ role: name, account, ...submittedFields(submitted) }, options.output);
  });
}
