import { isName, type ResourceId } from '../../core/ids.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import { askNames } from '../dew/ask-names.ts';
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
  await withLedger(options, async (session) => {
    const { ledger, names } = session;
    const state = await readState(ledger);
    if (isName(name)) for (const named of namedKinds) names.learn(named, name);
    if (resourcesOf(state).some((id) => names.find('resource', id) === undefined)) await askNames(session, options);
    await printTable({ kind, name, state, names, format: options.output });
  });
}

function resourcesOf({ heads, proposals }: LedgerState): readonly ResourceId[] {
  return [...heads.keys(), ...[...proposals.values()].map(({ resource }) => resource)];
}
