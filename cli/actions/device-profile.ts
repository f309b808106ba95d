import type { Account } from '../../core/account.ts';
import { sealProfileFile } from '../apply/seal-profile.ts';
import type { ProfileOptions } from '../commands/device-profile.ts';
import { dewsOf } from '../dew/session-dews.ts';
import { upload } from '../dew/upload.ts';
import { readState } from '../ledger/read-state.ts';
import { submit } from '../ledger/submit.ts';
import { printRecord } from '../output/print.ts';
import { submittedFields } from '../rows/submitted-fields.ts';
import { withAccount } from '../session.ts';

/**
 * Gives a device another profile and hands it to the dews; where the device has it already, only the latter.
 * @throws USAGE, SCHEMA, NOT_ENROLLED, the ledger's and the dews' own codes
 */
export async function changeProfile(account: Account, options: ProfileOptions): Promise<void> {
  await withAccount(options, async (session) => {
    const { ledger } = session;
    const profile = await sealProfileFile(options.profile, session);
    const has = (await readState(ledger)).devices.get(account)?.profile;
    const submitted =
      has === profile.digest
        ? undefined
        : await submit(ledger, { type: 'set-device-profile', account, profile: profile.digest });
    const uploaded = await upload(profile, { dews: dewsOf(session) });
    const done =
      submitted === undefined ? { change: 'unchanged' } : { change: 'changed', ...submittedFields(submitted) };
    await printRecord({ account, profile: profile.digest, uploaded, ...done }, options.output);
  });
}
