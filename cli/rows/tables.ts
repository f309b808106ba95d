import { DewproofError } from '../../core/errors.ts';
import { groupIdOf, isName, resourceIdOf, roleIdOf, type Name } from '../../core/ids.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import { didYouMean } from '../home/did-you-mean.ts';
import type { NamedKind } from '../home/named-kinds.ts';
import type { Names } from '../home/names.ts';
import { nowOf } from '../ledger/now.ts';
import { printRows, type OutputFormat } from '../output/print.ts';
import type { Column } from '../output/table.ts';
import { deviceColumns, deviceRows } from './device-rows.ts';
import { governanceColumns, governanceRows } from './governance-rows.ts';
import { grantColumns, grantRows } from './grant-rows.ts';
import { memberColumns, memberRows } from './member-rows.ts';
import { proposalColumns, proposalRows } from './proposal-rows.ts';
import { resourceColumns, resourceRows } from './resource-rows.ts';
import type { TableKind } from './table-kinds.ts';

interface Table<Row> {
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
}

/** What to print, of which state; `name` (a name, id or account) picks the rows that speak of it. */
export interface TableRequest {
  readonly kind: TableKind;
  readonly name: string | undefined;
  readonly state: LedgerState;
  readonly names: Names;
  readonly format: OutputFormat;
}

/** Prints one kind of what the ledger says. @throws NOT_FOUND where `name` picks nothing */
export async function printTable(request: TableRequest): Promise<void> {
  const { state, names } = request;
  switch (request.kind) {
    case 'resources':
      return print({ rows: resourceRows(state, names), columns: resourceColumns(names) }, request);
    case 'proposals':
      return print({ rows: proposalRows(state, names), columns: proposalColumns(names) }, request);
    case 'devices':
      return print({ rows: deviceRows(state, names), columns: deviceColumns(names) }, request);
    case 'grants':
      return print({ rows: grantRows(state, names, nowOf(state)), columns: grantColumns(names) }, request);
    case 'roles':
      return print({ rows: memberRows(state, names, nowOf(state)), columns: memberColumns(names) }, request);
    case 'governance':
      return print({ rows: governanceRows(state), columns: governanceColumns }, request);
  }
}

async function print<Row extends object>(table: Table<Row>, request: TableRequest): Promise<void> {
  const { kind, name, names, format } = request;
  const rows = name === undefined ? table.rows : rowsOf(table.rows, meaningsOf(name, names.tenant));
  if (name !== undefined && rows.length === 0) {
    const meant = didYouMean(name, names.known(namedIn(kind)));
    throw new DewproofError('NOT_FOUND', `The ledger has no ${kind} of ${name}.${meant} See \`dewproof get ${kind}\`.`);
  }
  await printRows({ columns: table.columns, rows, format });
}

/** What a word on the command line most often names in a table. */
function namedIn(kind: TableKind): NamedKind {
  if (kind === 'roles') return 'role';
  return kind === 'devices' ? 'group' : 'resource';
}

function rowsOf<Row extends object>(rows: readonly Row[], meanings: ReadonlySet<unknown>): readonly Row[] {
  return rows.filter((row) => Object.values(row).some((field) => meanings.has(field)));
}

/** All that a word on the command line can stand for: itself, an account, or an id of its name. */
function meaningsOf(word: string, tenant: Name): ReadonlySet<unknown> {
  const lower = word.toLowerCase();
  if (!isName(word)) return new Set([lower]);
  const scope = { tenant, name: word };
  return new Set([lower, resourceIdOf(scope), groupIdOf(scope), roleIdOf(scope)]);
}
