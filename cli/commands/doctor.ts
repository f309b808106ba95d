import type { Command } from 'commander';
import { addExamples } from '../help.ts';
import { optionsOf, type GlobalOptions } from '../options.ts';

/** `dewproof doctor`: what is wrong here, and what to do about it. */
export function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .summary('check this machine and home, with a remedy for each trouble')
    .description(
      `Check Node, this machine's links (Ethernet, Wi-Fi, Bluetooth...), the home's configuration, key, password and anchor,
the ledger (reachable, the right one, in time), the dews, the witnesses, the daemon, its ports, and the disk: one line
each, ok, warn or fail, with a remedy.
Exit code 1 where anything fails.`,
    )
    .action(async (_, self: Command) => {
      const { runDoctor } = await import('../actions/doctor.ts');
      await runDoctor(optionsOf<GlobalOptions>(self));
    });
  addExamples(command, [['What is wrong?', 'dewproof doctor']]);
}
