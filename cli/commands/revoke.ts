import type { Command } from 'commander';
import { parseName, type Name } from '../../core/ids.ts';
import { addExamples } from '../help.ts';
import { argument, optionsOf, type GlobalOptions } from '../options.ts';
import { parseVersion } from '../parse-version.ts';

/** Options of `dewproof revoke`. */
export interface RevokeOptions extends GlobalOptions {
  readonly version?: bigint;
  readonly yes?: boolean;
}

/** `dewproof revoke`. */
export function addRevoke(program: Command): void {
  const command = program
    .command('revoke')
    .summary('withdraw a version at once')
    .description(
      `Withdraw a version of a resource at once and for good: the active one, or with --version one that was proposed.
Devices stop it as soon as they learn of it. To go back to an older configuration, apply it anew.`,
    )
    .argument('<name>', 'name of the resource', argument(parseName))
    .option('--version <n>', 'which version; the active one where left out', argument(parseVersion))
    .option('-y, --yes', 'do not ask')
    .action(async (name: Name, _, self: Command) => {
      const { revoke } = await import('../actions/revoke.ts');
      await revoke(name, optionsOf<RevokeOptions>(self));
    });
  addExamples(command, [['Stop what runs now', 'dewproof revoke barn-climate --yes']]);
}
