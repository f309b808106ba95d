import type { VirtualResource } from '../../core/document/schema.ts';
import { hasCode } from '../../core/errors.ts';
import { secretsDewsOf } from '../dew/secrets-dew.ts';
import { say, warn } from '../output/messages.ts';
import type { WriterSession } from '../session.ts';

/** Says which secrets documents name that no dew has: without them their resources will not start. */
export async function hintSecrets(resources: readonly VirtualResource[], session: WriterSession): Promise<void> {
  const naming = resources.filter(({ spec }) => spec.secrets.length > 0);
  const dews = secretsDewsOf(session);
  if (naming.length === 0 || dews.length === 0) return;
  const known = new Set<string>();
  for (const dew of dews) {
    try {
      for (const { record } of await dew.list()) {
        if (record.commitment !== null) known.add(`${record.tenant}/${record.resource}/${record.name}`);
      }
    } catch (error) {
      if (!hasCode(error)) throw error;
      warn(`Whether secrets are missing can't be told: ${error.message}`);
      return;
    }
  }
  for (const { metadata, spec } of naming) {
    for (const name of spec.secrets.filter((one) => !known.has(`${metadata.tenant}/${metadata.name}/${one}`))) {
      say(
        `${metadata.name} names the secret ${name}, which no dew has: set it with ` +
          `\`dewproof secret set ${name} --resource ${metadata.name}\`.`,
      );
    }
  }
}
