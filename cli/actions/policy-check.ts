import { exitCodes } from '../../core/exit-codes.ts';
import type { CheckOptions } from '../commands/policy-check.ts';
import { readState } from '../ledger/read-state.ts';
import { printRows } from '../output/print.ts';
import type { Column } from '../output/table.ts';
import { checkPolicy, type PolicyVerdict } from '../policy/check-policy.ts';
import { missing } from '../policy/policy-options.ts';
import { withLedger } from '../session.ts';

const columns: readonly Column<PolicyVerdict>[] = [
  { title: 'ACTION', of: ({ action }) => action },
  { title: 'VERDICT', of: ({ verdict }) => verdict },
  { title: 'WHY', of: ({ why }) => why },
];

/** Prints whether a caller would be let in, and why; exit code 77 where it would not. @throws USAGE */
export async function check(options: CheckOptions): Promise<void> {
  const { account, resource, actions } = options;
  if (account === undefined && !options.anyone) throw missing('--account or --anyone');
  await withLedger(options, async ({ ledger, names }) => {
    const rows = checkPolicy({ account, resource, actions, state: await readState(ledger), names });
    await printRows({ rows, columns, format: options.output });
    if (rows.some(({ verdict }) => verdict === 'refused')) process.exitCode = exitCodes.refused;
  });
}
