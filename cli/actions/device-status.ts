import type { Account } from '../../core/account.ts';
import type { DeviceStatus } from '../../core/ledger/records.ts';
import type { DeviceStatusOptions } from '../commands/device-status.ts';
import { confirm } from '../home/confirm.ts';
import { submit } from '../ledger/submit.ts';
import { printRecord } from '../output/print.ts';
import { submittedFields } from '../rows/submitted-fields.ts';
import { withAccount } from '../session.ts';

const questions = {
  active: undefined,
  suspended: 'until it is resumed',
  retired: 'for good',
} as const satisfies Record<DeviceStatus, string | undefined>;

/** Changes a device's standing; what stops it asks first. @throws USAGE, the ledger's own codes */
export async function setStatus(
  change: { readonly account: Account; readonly status: DeviceStatus },
  options: DeviceStatusOptions,
): Promise<void> {
  const until = questions[change.status];
  if (until !== undefined) {
    await confirm(`Stop trusting ${change.account} ${until}?`, { assumeYes: options.yes ?? false });
  }
  await withAccount(options, async ({ ledger }) => {
    const submitted = await submit(ledger, { type: 'set-device-status', ...change });
    await printRecord({ ...change, ...submittedFields(submitted) }, options.output);
  });
}
