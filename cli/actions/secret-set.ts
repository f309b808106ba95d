import { randomBytes } from 'node:crypto';
import { DewproofError } from '../../core/errors.ts';
import type { Name } from '../../core/ids.ts';
import { commitmentOf, SECRET_SALT_BYTES } from '../../core/secrets/secret-content.ts';
import { statementOf } from '../../core/secrets/secret-record.ts';
import { sealCopy } from '../../platform/secrets/seal-copy.ts';
import { signSecretRecord } from '../../platform/secrets/sign-record.ts';
import type { SecretSetOptions } from '../commands/secret-set.ts';
import { say } from '../output/messages.ts';
import { printRecord } from '../output/print.ts';
import { handOver } from '../secrets/hand-over.ts';
import { openSecretSession } from '../secrets/open-secret-session.ts';
import { readSecretValue } from '../secrets/read-value.ts';
import { findRecipients, groupOfSecrets } from '../secrets/recipients.ts';
import { withAccount } from '../session.ts';

/**
 * Seals a value to the devices of a resource's group and hands the copies to the dews; the value itself leaves this
 * process in no other form. @throws SCHEMA, USAGE, CONFIG, FORBIDDEN, CONFLICT (nobody to seal it to), the dews' codes
 */
export async function setSecret(name: Name, options: SecretSetOptions): Promise<void> {
  const { resource, group, fromFile } = options;
  const value = await readSecretValue({ file: fromFile, name });
  await withAccount(options, async (session) => {
    const known = await openSecretSession({ name, resource }, session);
    const { names, ledger, dews, newest } = known;
    const recipientGroup = groupOfSecrets({ tenant: names.tenant, resource, group }, known.state);
    const { recipients, keyless } = await findRecipients(recipientGroup, known);
    if (recipients.length === 0) throw nobody(resource);
    const content = { salt: randomBytes(SECRET_SALT_BYTES), value };
    const version = options.asVersion ?? (newest?.version ?? 0) + 1;
    const statement = { ledger, ...names, version, commitment: commitmentOf(content) };
    const record = await signSecretRecord(statement, session.account);
    const copies = recipients.map((one) => sealCopy({ statement: statementOf(record), content }, one));
    const { sealed, dews: taken } = await handOver({ record, copies }, dews);
    await session.names.save();
    await printRecord({ resource, name, version, sealed, lacking: keyless, dews: taken }, options.output);
    say(`Sealed to ${sealed.length} of ${recipients.length + keyless.length} devices.`);
    if (keyless.length > 0) {
      say('The others told no dew their key yet; once they have, a device that has the secret seals it on to them.');
    }
  });
}

function nobody(resource: Name): DewproofError {
  return new DewproofError(
    'CONFLICT',
    `No device that may run ${resource} has told a dew its key yet; start an edge of the group first.`,
  );
}
