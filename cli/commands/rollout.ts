import type { Command } from 'commander';
import { parseName, type Name } from '../../core/ids.ts';
import type { RolloutPhase } from '../../core/rollout/order.ts';
import { addExamples, type Example } from '../help.ts';
import { argument, optionsOf, type GlobalOptions } from '../options.ts';
import { errorThresholdOption } from '../rollout/rollout-options.ts';

/** Options of `dewproof rollout pause`, `resume`, `promote` and `abort`. */
export interface RolloutOptions extends GlobalOptions {
  readonly errorThreshold?: number;
  readonly yes?: boolean;
}

interface PhaseVerb {
  readonly verb: string;
  readonly phase: RolloutPhase;
  readonly summary: string;
  readonly description: string;
  readonly example: Example;
}

const verbs: readonly PhaseVerb[] = [
  {
    verb: 'pause',
    phase: 'paused',
    summary: 'let no further canaries start',
    description:
      'Let no further canaries start. Those that run the new version go on, and still go back where it fails.',
    example: ['Have a look first', 'dewproof rollout pause barn-climate'],
  },
  {
    verb: 'resume',
    phase: 'canary',
    summary: 'let canaries start again',
    description: `Let canaries start again, after a pause or after too many failed; their failures are counted anew. A device that
went back stays where it is until the version is promoted.`,
    example: ['Go on, and bear with one failure more', 'dewproof rollout resume barn-climate --error-threshold 2'],
  },
  {
    verb: 'promote',
    phase: 'promoted',
    summary: 'let all devices install it',
    description: 'Let all devices install the new version. Nothing goes back by itself any more.',
    example: ['The canaries did well', 'dewproof rollout promote barn-climate'],
  },
  {
    verb: 'abort',
    phase: 'aborted',
    summary: 'bring the canaries back',
    description: `Bring the canaries back to the version before, and let nobody install the new one. The ledger still names it: apply
the old document once more, which makes it a version of its own, to end it there too.`,
    example: ['They did not', 'dewproof rollout abort barn-climate --yes'],
  },
];

/** `dewproof rollout`: versions that a part of the devices tries first. */
export function addRollout(program: Command): void {
  const rollout = program
    .command('rollout')
    .summary('see and steer what canaries try first')
    .description(
      `See and steer the rollout that \`dewproof apply --canary\` began. Each step is an order that this home's account signs and
every device verifies; it wants a grant to manage the resource.`,
    );
  addStatus(rollout);
  for (const verb of verbs) addPhase(rollout, verb);
}

function addStatus(rollout: Command): void {
  const command = rollout
    .command('status')
    .summary('how a rollout fares')
    .description(
      'Show how a rollout fares: its phase, who tries it and who runs what, failures by code, and how old all of it is.',
    )
    .argument('<name>', 'name of the resource', argument(parseName))
    .action(async (name: Name, _, self: Command) => {
      const { showRollout } = await import('../actions/rollout-status.ts');
      await showRollout(name, optionsOf(self));
    });
  addExamples(command, [
    ['How does it fare?', 'dewproof rollout status barn-climate'],
    ['For a script', 'dewproof rollout status barn-climate -o json'],
  ]);
}

function addPhase(rollout: Command, { verb, phase, summary, description, example }: PhaseVerb): void {
  const command = rollout
    .command(verb)
    .summary(summary)
    .description(description)
    .argument('<name>', 'name of the resource', argument(parseName))
    .action(async (name: Name, _, self: Command) => {
      const { changeRollout } = await import('../actions/rollout-change.ts');
      await changeRollout({ name, phase }, optionsOf<RolloutOptions>(self));
    });
  if (verb === 'resume') command.addOption(errorThresholdOption());
  if (verb === 'abort') command.option('-y, --yes', 'do not ask');
  addExamples(command, [example]);
}
