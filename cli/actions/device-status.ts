import type { Account } from '../../core/account.ts';
import type { DeviceStatus } from '../../core/ledger/records.ts';
import type { DeviceStatusOptions } from '../commands/device-status.ts';
import { confirm } from '../home/confirm.ts';
import { submit } from '../ledger/submit.ts';
import { printRecord } from '../output/print.ts';
import { submittedFields } from '../rows/submitted-fields.ts';
import { withAccount } from '../session.ts';

/** Changes a device's standing; retiring, which is final, asks first. @throws USAGE, the ledger's own codes */
export async function setStatus(
  change: { readonly account: Account; readonly status: DeviceStatus },
  options: DeviceStatusOptions,
): Promise<void> {
  if (change.status === 'retired') {
    await confirm(`Retire ${change.account} for good?`, { assumeYes: options.yes ?? false });
  }
  await withAccount(options, async ({ ledger }) => {
    const submitted = await submit(ledger, { type: 'set-device-status', ...change });
    await printRecord({ ...change, ...submittedFields(submitted) }, options.output);
  });
}
