import type { Account } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';
import { groupIdOf } from '../../core/ids.ts';
import type { DeviceRecord } from '../../core/ledger/records.ts';
import { sealProfileFile } from '../apply/seal-profile.ts';
import type { EnrolOptions } from '../commands/device-enrol.ts';
import { dewsOf } from '../dew/session-dews.ts';
import { upload } from '../dew/upload.ts';
import { readState } from '../ledger/read-state.ts';
import { submit } from '../ledger/submit.ts';
import { printRecord } from '../output/print.ts';
import { submittedFields } from '../rows/submitted-fields.ts';
import { withAccount } from '../session.ts';

/**
 * Enrols a device and hands its profile to the dews; where it is enrolled so already, only the latter.
 * @throws USAGE, SCHEMA, ALREADY_ENROLLED (otherwise than asked for), the ledger's and the dews' own codes
 */
export async function enrolDevice(account: Account, options: EnrolOptions): Promise<void> {
  await withAccount(options, async (session) => {
    const { ledger, names } = session;
    const profile = options.profile === undefined ? undefined : await sealProfileFile(options.profile, session);
    const group = groupIdOf({ tenant: names.tenant, name: options.group });
    const wanted = { account, kind: options.kind, group, profile: profile?.digest };
    const isEnrolled = verifyEnrollable((await readState(ledger)).devices.get(account), wanted);
    const submitted = isEnrolled ? undefined : await submit(ledger, { type: 'enrol-device', ...wanted });
    names.learn('group', options.group);
    await names.save();
    const uploaded = profile === undefined ? undefined : await upload(profile, { dews: dewsOf(session) });
    const { kind, profile: digest } = wanted;
    const done =
      submitted === undefined ? { change: 'unchanged' } : { change: 'enrolled', ...submittedFields(submitted) };
    await printRecord({ account, kind, group: options.group, profile: digest, uploaded, ...done }, options.output);
  });
}

/** Whether it is enrolled just so already. @throws ALREADY_ENROLLED */
function verifyEnrollable(record: DeviceRecord | undefined, wanted: Omit<DeviceRecord, 'status'>): boolean {
  if (record === undefined) return false;
  const { kind, group, profile } = record;
  if (kind === wanted.kind && group === wanted.group && profile === wanted.profile) return true;
  throw new DewproofError(
    'ALREADY_ENROLLED',
    `${record.account} is an ${record.status} ${kind} already; use \`dewproof device move\` or \`device profile\`.`,
  );
}
