import { DewproofError } from '../../core/errors.ts';
import type { Name } from '../../core/ids.ts';
import { signSecretRecord } from '../../platform/secrets/sign-record.ts';
import type { SecretRemoveOptions } from '../commands/secret-remove.ts';
import { confirm } from '../home/confirm.ts';
import { printRecord } from '../output/print.ts';
import { handOver } from '../secrets/hand-over.ts';
import { openSecretSession } from '../secrets/open-secret-session.ts';
import { withAccount } from '../session.ts';

/** Withdraws a secret by a newer record without a value. @throws NOT_FOUND, USAGE, CONFIG, FORBIDDEN, the dews' codes */
export async function removeSecret(name: Name, options: SecretRemoveOptions): Promise<void> {
  const { resource } = options;
  await withAccount(options, async (session) => {
    const { names, ledger, dews, newest } = await openSecretSession({ name, resource }, session);
    if (newest === undefined || newest.commitment === null) {
      throw new DewproofError('NOT_FOUND', `No dew has a secret ${name} of ${resource}; see \`dewproof secret list\`.`);
    }
    await confirm(`Withdraw the secret ${name} of ${resource} from all devices?`, { assumeYes: options.yes ?? false });
    const version = newest.version + 1;
    const record = await signSecretRecord({ ledger, ...names, version, commitment: null }, session.account);
    const { dews: taken } = await handOver({ record, copies: [] }, dews);
    await session.names.save();
    await printRecord({ resource, name, version, status: 'removed', dews: taken }, options.output);
  });
}
