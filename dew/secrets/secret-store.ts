import { z } from 'zod';
import type { Account } from '../../core/account.ts';
import type { Digest } from '../../core/digest.ts';
import { DewproofError } from '../../core/errors.ts';
import { resourceIdOf, type ResourceId } from '../../core/ids.ts';
import { accountField } from '../../core/fields.ts';
import { digestOfStatement, secretRecordSchema, statementOf } from '../../core/secrets/secret-record.ts';
import type { SecretNames, SecretRecord } from '../../core/secrets/secret-record.ts';
import type { SealedCopy } from '../../core/wire/secrets.ts';
import type { Log } from '../../platform/log.ts';
import { openRecord, sealRecord } from '../../platform/store/checked-record.ts';
import { sublevelOf, type Store } from '../../platform/store/open-store.ts';
import { guardStore } from '../../platform/store/store-errors.ts';

/** One secret: its newest record, and for whom which account sealed a copy. */
export interface SecretEntry {
  readonly resource: ResourceId;
  readonly record: SecretRecord;
  readonly digest: Digest;
  readonly copies: ReadonlyMap<Account, Account>;
}

/** Sealed copies and their records: nothing here opens any of them. */
export interface SecretStore {
  list(): readonly SecretEntry[];
  get(names: SecretNames): SecretEntry | undefined;
  /** A device's copy of the newest version, in base64url; undefined where there is none or the disk changed it. */
  copyFor(names: SecretNames, recipient: Account): Promise<string | undefined>;
  /**
   * Adds copies that `by` sealed; a record other than the one that is there replaces it and all its copies. On disk
   * (fsync) when it returns. @throws DISK_FULL, STORE_CORRUPT
   */
  put(record: SecretRecord, of: { readonly copies: readonly SealedCopy[]; readonly by: Account }): Promise<void>;
  /** A copy that its device can't use: whoever sealed it seals none for that device any more while this dew runs. */
  dropCopy(names: SecretNames, recipient: Account): Promise<void>;
  /** Tells whether `by` sealed a copy for `recipient` that it could not use. */
  isDistrusted(names: SecretNames, of: { readonly recipient: Account; readonly by: Account }): boolean;
}

const copySchema = z.strictObject({ by: accountField, envelope: z.string() });

/** Opens the secrets' part of a database; what decayed is left out, as if it had never come, and is logged. */
export async function openSecretStore(store: Store, log: Log): Promise<SecretStore> {
  const records = sublevelOf(store, 'secret-records');
  const sealed = sublevelOf(store, 'secret-copies');
  const entries = new Map<string, SecretEntry & { readonly copies: Map<Account, Account> }>();
  const distrusted = new Set<string>();

  const parse = <Schema extends z.ZodType>(stored: string, { schema, key }: { schema: Schema; key: string }) => {
    try {
      return schema.parse(JSON.parse(openRecord(stored)));
    } catch {
      log.warn({ code: 'STORE_CORRUPT', key }, 'A stored secret is damaged; have it set again');
      return undefined;
    }
  };

  for (const [key, stored] of await guardStore(() => records.iterator().all())) {
    const record = parse(stored, { schema: secretRecordSchema, key });
    if (record !== undefined) entries.set(key, entryOf(record));
  }
  for (const [key, stored] of await guardStore(() => sealed.iterator().all())) {
    const copy = parse(stored, { schema: copySchema, key });
    const end = key.lastIndexOf('/');
    if (copy !== undefined) entries.get(key.slice(0, end))?.copies.set(key.slice(end + 1) as Account, copy.by);
  }

  return {
    list: () => [...entries.values()],
    get: (names) => entries.get(keyOf(names)),
    copyFor: async (names, recipient) => {
      const key = `${keyOf(names)}/${recipient}`;
      const stored = await guardStore(() => sealed.get(key));
      return stored === undefined ? undefined : parse(stored, { schema: copySchema, key })?.envelope;
    },
    put: async (record, { copies, by }) => {
      const key = keyOf(record);
      const known = entries.get(key);
      const entry = entryOf(record);
      const same = known?.digest === entry.digest ? known : undefined;
      const gone = same === undefined ? [...(known?.copies.keys() ?? [])] : [];
      await guardStore(() =>
        store.batch<string, string>(
          [
            ...gone.map((account) => ({ type: 'del', sublevel: sealed, key: `${key}/${account}` }) as const),
            { type: 'put', sublevel: records, key, value: sealRecord(JSON.stringify(record)) },
            ...copies.map(({ recipient, envelope }) => {
              const value = sealRecord(JSON.stringify({ by, envelope }));
              return { type: 'put', sublevel: sealed, key: `${key}/${recipient}`, value } as const;
            }),
          ],
          { sync: true },
        ),
      );
      const kept = same?.copies ?? entry.copies;
      for (const { recipient } of copies) kept.set(recipient, by);
      entries.set(key, { ...entry, copies: kept });
    },
    dropCopy: async (names, recipient) => {
      const key = keyOf(names);
      const by = entries.get(key)?.copies.get(recipient);
      if (by === undefined) throw new DewproofError('NOT_FOUND', 'There is no copy of this secret for this device.');
      const gone = [{ type: 'del', sublevel: sealed, key: `${key}/${recipient}` }] as const;
      await guardStore(() => store.batch<string, string>([...gone], { sync: true }));
      entries.get(key)?.copies.delete(recipient);
      distrusted.add(`${key}/${recipient}/${by}`);
    },
    isDistrusted: (names, { recipient, by }) => distrusted.has(`${keyOf(names)}/${recipient}/${by}`),
  };
}

function entryOf(record: SecretRecord) {
  const resource = resourceIdOf({ tenant: record.tenant, name: record.resource });
  return { resource, record, digest: digestOfStatement(statementOf(record)), copies: new Map<Account, Account>() };
}

function keyOf({ tenant, resource, name }: SecretNames): string {
  return `${tenant}/${resource}/${name}`;
}
