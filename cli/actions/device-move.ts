import type { Account } from '../../core/account.ts';
import { groupIdOf } from '../../core/ids.ts';
import type { MoveOptions } from '../commands/device-move.ts';
import { submit } from '../ledger/submit.ts';
import { printRecord } from '../output/print.ts';
import { submittedFields } from '../rows/submitted-fields.ts';
import { withAccount } from '../session.ts';

/** Puts a device into another group. @throws the ledger's own codes */
export async function moveDevice(account: Account, options: MoveOptions): Promise<void> {
  await withAccount(options, async ({ ledger, names }) => {
    const group = groupIdOf({ tenant: names.tenant, name: options.group });
    const submitted = await submit(ledger, { type: 'set-device-group', account, group });
    names.learn('group', options.group);
    await names.save();
    await printRecord({ account, group: options.group, ...submittedFields(submitted) }, options.output);
  });
}
