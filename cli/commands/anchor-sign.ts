import type { Command } from 'commander';
import { addExamples } from '../help.ts';
import { optionsOf, type GlobalOptions } from '../options.ts';

/** Options of `dewproof anchor sign`. */
export interface AnchorSignOptions extends GlobalOptions {
  readonly current?: string;
}

/** `dewproof anchor sign`. */
export function addAnchorSign(anchor: Command): void {
  const command = anchor
    .command('sign')
    .summary("add the home's signature to an anchor")
    .description(
      `Add the home's account's signature to an anchor's file, in place. The roots do so in turn, the file going from one to
the next; signing twice changes nothing. Look at it first (\`anchor inspect\`): a checkpoint is your word for a block.`,
    )
    .argument('<file>', 'the anchor')
    .option('--current <file>', "the anchor that it follows, whose roots sign too (default: the home's)")
    .action(async (file: string, _, self: Command) => {
      const { signAnchorFile } = await import('../actions/anchor-sign.ts');
      await signAnchorFile(file, optionsOf<AnchorSignOptions>(self));
    });
  addExamples(command, [
    ['From a home on a USB stick', 'dewproof anchor sign anchor-2.json --home /media/usb/root-1'],
    ['As a root that the new anchor names no more', 'dewproof anchor sign anchor-2.json --current anchor-1.json'],
  ]);
}
