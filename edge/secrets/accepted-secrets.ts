import { timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { canonicalBytes } from '../../core/document/canonical.ts';
import { DewproofError } from '../../core/errors.ts';
import { secretRecordSchema, type SecretNames, type SecretRecord } from '../../core/secrets/secret-record.ts';
import type { SecretVault } from '../../core/secrets/secret-vault.ts';
import { openRecord, sealRecord } from '../../platform/store/checked-record.ts';
import { DURABLE, type Sublevel } from '../../platform/store/open-store.ts';
import { guardStore } from '../../platform/store/store-errors.ts';

/** The newest version of a secret that this device accepted, still sealed; `envelope` is null once it was withdrawn. */
export interface AcceptedSecret {
  readonly record: SecretRecord;
  /** Base64url. */
  readonly envelope: string | null;
}

/** What a device accepted, sealed as it came: no plaintext is ever on its disk. */
export interface AcceptedSecrets {
  get(names: SecretNames): AcceptedSecret | undefined;
  list(): readonly AcceptedSecret[];
  /** On disk (fsync) when it returns, and counts only then. @throws DISK_FULL, STORE_CORRUPT */
  put(accepted: AcceptedSecret): Promise<void>;
}

const storedSchema = z.strictObject({
  record: secretRecordSchema,
  envelope: z.string().nullable(),
  /** Hexadecimal; made by the vault, or else a thief of the disk could put in a secret of its own. */
  authenticator: z.string().regex(/^[0-9a-f]{64}$/),
});

/** Reads back what was accepted; what decayed or was not written by this device is left out and told to `onDamage`. */
export async function openAcceptedSecrets(
  part: Sublevel,
  { vault, onDamage }: { readonly vault: SecretVault; readonly onDamage: (error: DewproofError) => void },
): Promise<AcceptedSecrets> {
  const accepted = new Map<string, AcceptedSecret>();
  for (const [key, stored] of await guardStore(() => part.iterator().all())) {
    const opened = await open(stored, vault);
    if (opened !== undefined && keyOf(opened.record) === key) accepted.set(key, opened);
    else onDamage(new DewproofError('STORE_CORRUPT', `The stored secret ${key} was changed; it is fetched anew.`));
  }
  return {
    get: (names) => accepted.get(keyOf(names)),
    list: () => [...accepted.values()],
    put: async ({ record, envelope }) => {
      const authenticator = await authenticate({ record, envelope }, vault);
      const value = sealRecord(JSON.stringify({ record, envelope, authenticator: authenticator.toString('hex') }));
      await guardStore(() => part.put(keyOf(record), value, DURABLE));
      accepted.set(keyOf(record), { record, envelope });
    },
  };
}

async function open(stored: string, vault: SecretVault): Promise<AcceptedSecret | undefined> {
  const parsed = storedSchema.safeParse(jsonOf(stored)).data;
  if (parsed === undefined) return undefined;
  const { authenticator, ...accepted } = parsed;
  const expected = await authenticate(accepted, vault);
  return timingSafeEqual(expected, Buffer.from(authenticator, 'hex')) ? accepted : undefined;
}

async function authenticate({ record, envelope }: AcceptedSecret, vault: SecretVault): Promise<Buffer> {
  return Buffer.from(await vault.authenticate(canonicalBytes({ record, envelope })));
}

function jsonOf(stored: string): unknown {
  try {
    return JSON.parse(openRecord(stored));
  } catch {
    return undefined;
  }
}

function keyOf({ tenant, resource, name }: SecretNames): string {
  return `${tenant}/${resource}/${name}`;
}
