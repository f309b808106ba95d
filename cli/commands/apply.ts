import { Option, type Command } from 'commander';
import type { RolloutOrder } from '../../core/rollout/order.ts';
import { addExamples } from '../help.ts';
import { optionsOf, type GlobalOptions } from '../options.ts';
import { canaryOption, errorThresholdOption } from '../rollout/rollout-options.ts';

/** Options of `dewproof apply`. */
export interface ApplyOptions extends GlobalOptions {
  readonly filename: readonly string[];
  readonly dryRun?: boolean;
  /** Which part of the devices is to try what changed first. */
  readonly canary?: RolloutOrder['share'];
  /** So many failed canaries end it. */
  readonly errorThreshold?: number;
}

/** `dewproof apply`: propose what documents say, and hand them to the dews. */
export function addApply(program: Command): void {
  const command = program
    .command('apply')
    .summary('propose what documents say')
    .description(
      `Propose what documents say, all in one transaction, then hand them to the dews. What nothing changed in keeps its
version and digest and is "unchanged". Every document is kept in the home before it is proposed: a run that was cut
off is simply repeated, and goes on where it was. A changed DeviceProfile is given to the devices that have it.

With --canary a signed rollout order is with the dews before anything is proposed: once the version is active, only
canaries install it, and go back by themselves where it fails. It wants a grant to manage the resource.`,
    )
    .addOption(new Option('-f, --filename <path...>', 'a file, a folder, or - for stdin').makeOptionMandatory())
    .addOption(canaryOption())
    .addOption(errorThresholdOption())
    .option('--dry-run', 'only show what would change; exit code 2 where anything would')
    .action(async (_, self: Command) => {
      const { apply } = await import('../actions/apply.ts');
      await apply(optionsOf<ApplyOptions>(self));
    });
  addExamples(command, [
    ['One document', 'dewproof apply -f barn-climate.yaml'],
    ['A folder of them', 'dewproof apply -f sites/north/'],
    [
      'On a tenth of the devices first, until two of them fail',
      'dewproof apply -f barn-climate.yaml --canary 10% --error-threshold 2',
    ],
    ['Would it change anything?', 'dewproof apply -f sites/north/ --dry-run'],
    ['From a generator', './render.sh | dewproof apply -f -'],
  ]);
}
