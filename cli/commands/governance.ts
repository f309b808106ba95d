import type { Command } from 'commander';
import { addGovernanceCancel } from './governance-cancel.ts';
import { addGovernanceExecute } from './governance-execute.ts';
import { addGovernanceList } from './governance-list.ts';
import { addGovernanceSchedule } from './governance-schedule.ts';

/** `dewproof governance`: what admins change after a delay, in which a guardian may cancel it. */
export function addGovernance(program: Command): void {
  const governance = program
    .command('governance')
    .summary('change who may do what, after a delay')
    .description(
      'Change who may do what on the ledger. An admin schedules a change, and executes it once the delay is over and before it expires; until then a guardian may cancel it. Who has which role: `dewproof get governance`.',
    );
  addGovernanceList(governance);
  addGovernanceSchedule(governance);
  addGovernanceExecute(governance);
  addGovernanceCancel(governance);
}
