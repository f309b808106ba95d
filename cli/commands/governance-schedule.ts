import { Argument, Option, type Command } from 'commander';
import type { GovernanceChange } from '../../chain/evm/governance-change.ts';
import { parseAccount, type Account } from '../../core/account.ts';
import { durationMs } from '../../core/document/duration.ts';
import { governanceRoles, type GovernanceRole } from '../../core/ledger/records.ts';
import { addExamples } from '../help.ts';
import { argument, optionsOf, parseWholeNumber, type GlobalOptions } from '../options.ts';

/** Options of `dewproof governance schedule …`. */
export interface ScheduleOptions extends GlobalOptions {
  readonly now?: boolean;
}

interface GrantOptions extends ScheduleOptions {
  readonly delay?: number;
}

/** What is to change; an admin's delay is the scheduler's own where none is named. */
export type WantedChange = Exclude<GovernanceChange, { type: 'grant-role' }> | WantedGrant;

interface WantedGrant {
  readonly type: 'grant-role';
  readonly role: GovernanceRole;
  readonly account: Account;
  readonly executionDelaySeconds: number | undefined;
}

const SOMEBODY = '0x70997970c51812dc3a010c7d01b50e0d17dc79c8';

/** `dewproof governance schedule`: one command for each kind of change. */
export function addGovernanceSchedule(governance: Command): void {
  const schedule = governance
    .command('schedule')
    .summary('schedule a change, as an admin')
    .description('Schedule a change of the governance, as an admin; it waits for the delay, and until it is executed.');
  addGrant(schedule);
  addRevoke(schedule);
  addThreshold(schedule);
}

function addGrant(schedule: Command): void {
  const command = schedule
    .command('grant')
    .summary('give an account a governance role')
    .description(
      `Schedule that an account is given a governance role. An admin gets no shorter delay than the one who schedules it
has, or the delay could be taken away by appointing somebody else.`,
    )
    .addArgument(roleArgument())
    .argument('<account>', 'who', argument(parseAccount))
    .addOption(
      new Option('--delay <duration>', 'how long what it does in this role must wait (default: not at all)').argParser(
        argument(parseDelay),
      ),
    )
    .addOption(nowOption())
    .action(async (role: GovernanceRole, account: Account, _, self: Command) => {
      const { delay: executionDelaySeconds, ...options } = optionsOf<GrantOptions>(self);
      await run({ type: 'grant-role', role, account, executionDelaySeconds }, options);
    });
  addExamples(command, [
    ['Another publisher', `dewproof governance schedule grant publisher ${SOMEBODY}`],
    ['Another admin, who must wait a week', `dewproof governance schedule grant admin ${SOMEBODY} --delay 7d`],
  ]);
}

function addRevoke(schedule: Command): void {
  const command = schedule
    .command('revoke')
    .summary('take a governance role from an account')
    .description(
      `Schedule that a governance role is taken from an account. The last admin, and the last guardian who is no admin,
are refused: nobody could change anything any more, or nobody could stop a stolen admin's key.`,
    )
    .addArgument(roleArgument())
    .argument('<account>', 'from whom', argument(parseAccount))
    .addOption(nowOption())
    .action(async (role: GovernanceRole, account: Account, _, self: Command) => {
      await run({ type: 'revoke-role', role, account }, optionsOf<ScheduleOptions>(self));
    });
  addExamples(command, [['A publisher who left', `dewproof governance schedule revoke publisher ${SOMEBODY}`]]);
}

function addThreshold(schedule: Command): void {
  const command = schedule
    .command('threshold')
    .summary('change how many must approve')
    .description(
      'Schedule another approval threshold: how many approvers activate a version, its proposer not counted. 0 makes every proposal active at once.',
    )
    .argument(
      '<n>',
      'approvals needed',
      argument((text) => parseWholeNumber(text, { min: 0, max: 1000 })),
    )
    .addOption(nowOption())
    .action(async (threshold: number, _, self: Command) => {
      await run({ type: 'set-approval-threshold', threshold }, optionsOf<ScheduleOptions>(self));
    });
  addExamples(command, [['Two must approve', 'dewproof governance schedule threshold 2']]);
}

async function run(change: WantedChange, options: ScheduleOptions): Promise<void> {
  const { scheduleChange } = await import('../actions/governance.ts');
  await scheduleChange(change, options);
}

const roleArgument = () => new Argument('<role>', 'the governance role').choices(governanceRoles);
const nowOption = () => new Option('--now', 'carry it out at once, where the account has no delay (development only)');

function parseDelay(text: string): number {
  return Math.ceil(durationMs(text) / 1000);
}
