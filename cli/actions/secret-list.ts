import type { Account } from '../../core/account.ts';
import type { Name } from '../../core/ids.ts';
import type { SecretDescription } from '../../core/wire/secrets.ts';
import type { SecretListOptions } from '../commands/secret-list.ts';
import { secretsDewsOf, type SecretsDew } from '../dew/secrets-dew.ts';
import { nowOfLedger } from '../ledger/now.ts';
import { readState } from '../ledger/read-state.ts';
import { warn } from '../output/messages.ts';
import { printRows } from '../output/print.ts';
import type { Column } from '../output/table.ts';
import { isValid, type RecordContext } from '../secrets/newest-record.ts';
import { withAccount } from '../session.ts';

interface SecretRow {
  readonly resource: Name;
  readonly name: Name;
  readonly version: number;
  readonly status: 'set' | 'removed';
  readonly author: Account;
  /** Devices that have a copy at the dew, that lack one, and of these those whose key is not known. */
  readonly sealed: readonly Account[];
  readonly lacking: readonly Account[];
  readonly keyless: readonly Account[];
  readonly dew: string;
}

const columns: readonly Column<SecretRow>[] = [
  { title: 'RESOURCE', of: ({ resource }) => resource },
  { title: 'NAME', of: ({ name }) => name },
  { title: 'VERSION', of: ({ version }) => String(version) },
  { title: 'STATUS', of: ({ status }) => status },
  { title: 'DEVICES', of: ({ sealed, lacking }) => `${sealed.length}/${sealed.length + lacking.length}` },
  { title: 'AUTHOR', of: ({ author }) => author },
  { title: 'DEW', of: ({ dew }) => dew },
];

/**
 * Lists the secrets that the home's dews have; records that do not count are warned of and left out.
 * @throws the last dew's refusal, where none answers
 */
export async function listSecrets(options: SecretListOptions): Promise<void> {
  await withAccount(options, async (session) => {
    const { chain, genesis, registry } = session.anchor;
    const context: RecordContext = {
      ledger: { chain, genesis, registry },
      state: await readState(session.ledger),
      now: await nowOfLedger(session.ledger),
    };
    const dews = secretsDewsOf(session);
    const failures: unknown[] = [];
    const rows: SecretRow[] = [];
    for (const dew of dews) {
      try {
        rows.push(...(await rowsOf(dew, context)));
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0 && failures.length === dews.length) throw failures.at(-1);
    for (const failure of failures) warn(failure instanceof Error ? failure.message : String(failure));
    const { resource } = options;
    const shown = resource === undefined ? rows : rows.filter((row) => row.resource === resource);
    await printRows({ rows: shown, columns, format: options.output });
  });
}

async function rowsOf(dew: SecretsDew, context: RecordContext): Promise<readonly SecretRow[]> {
  const listed = await dew.list();
  return listed
    .filter(({ record }) => isValid(record, { asked: record, url: dew.url, ...context }))
    .map((description) => rowOf(description, dew.url));
}

function rowOf({ record, sealed, lacking, keyless }: SecretDescription, dew: string): SecretRow {
  const { resource, name, version, author } = record;
  const status = record.commitment === null ? 'removed' : 'set';
  return { resource, name, version, status, author, sealed, lacking, keyless, dew };
}
