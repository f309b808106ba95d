import { isName } from '../../core/ids.ts';
import { namedKinds } from '../home/named-kinds.ts';
import { readState } from '../ledger/read-state.ts';
import type { GlobalOptions } from '../options.ts';
import type { TableKind } from '../rows/table-kinds.ts';
import { printTable } from '../rows/tables.ts';
import { withLedger } from '../session.ts';

/** Prints one kind of what the ledger says now. @throws NOT_FOUND where `name` picks nothing */
export async function get(
  { kind, name }: { readonly kind: TableKind; readonly name: string | undefined },
  options: GlobalOptions,
): Promise<void> {
  await withLedger(options, async ({ ledger, names }) => {
    if (isName(name)) for (const named of namedKinds) names.learn(named, name);
    await printTable({ kind, name, state: await readState(ledger), names, format: options.output });
  });
}
