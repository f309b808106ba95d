import type { Command } from 'commander';
import { addAnchorOptions, type AnchorChangeOptions } from '../anchor-options.ts';
import { addExamples } from '../help.ts';
import { optionsOf } from '../options.ts';

const KEY = `0x${'6b'.repeat(32)}`;
const ROOTS = '0x70997970c51812dc3a010c7d01b50e0d17dc79c8 0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc';

/** `dewproof anchor rotate`. */
export function addAnchorRotate(anchor: Command): void {
  const command = anchor
    .command('rotate')
    .summary('write the anchor that follows one, to be signed')
    .description(
      `Write the anchor that follows FROM: its version rises by one, what no option changes stays. It must be signed by
enough roots of FROM and, where it names others, by enough of its own.

With --checkpoint no older block counts any more, whatever is signed: after a split, name a block of the history
that holds; with validators, following them begins there too. Those of FROM must lead there by proof, unless you name
the block's with --validators, and answer for them. What devices accepted before is disowned, until they get a newer
bundle; --begin moves where following begins and lets that stand, which is for a planned change.`,
    )
    .argument('<from>', 'the anchor that devices have')
    .argument('<file>', 'the file to write');
  addAnchorOptions(command).action(async (from: string, file: string, _, self: Command) => {
    const { rotateAnchor } = await import('../actions/anchor-rotate.ts');
    await rotateAnchor({ from, to: file }, optionsOf<AnchorChangeOptions>(self));
  });
  addExamples(command, [
    [
      'Another set of witnesses, signed at once with the home’s key',
      `dewproof anchor rotate anchor-1.json anchor-2.json --sign --witness north=${KEY} \\
    --witness east=${KEY} --witness west=${KEY}`,
    ],
    [
      'After a split: the history that holds has this block',
      'dewproof anchor rotate anchor-2.json anchor-3.json --checkpoint 184220 --url http://127.0.0.1:8545',
    ],
    [
      'Validators are followed from a newer block on, without a gap at any device',
      'dewproof anchor rotate anchor-3.json anchor-4.json --begin latest --url http://127.0.0.1:8545',
    ],
    ['Other roots', `dewproof anchor rotate anchor-3.json anchor-4.json --root ${ROOTS} --threshold 1`],
  ]);
}
