import type { Command } from 'commander';
import { addAnchorCreate } from './anchor-create.ts';
import { addAnchorImport } from './anchor-import.ts';
import { addAnchorInspect } from './anchor-inspect.ts';
import { addAnchorRotate } from './anchor-rotate.ts';
import { addAnchorSign } from './anchor-sign.ts';

/** `dewproof anchor`: what devices trust, and who may change it. */
export function addAnchor(program: Command): void {
  const anchor = program
    .command('anchor')
    .summary('say what devices trust, and replace it')
    .description(
      'Trust anchors: which ledger devices trust, whose signatures make a block count, and who may replace the anchor. A device is given one by hand when it is set up; newer ones, signed by enough roots, travel over any server or USB stick.',
    );
  addAnchorCreate(anchor);
  addAnchorSign(anchor);
  addAnchorRotate(anchor);
  addAnchorInspect(anchor);
  addAnchorImport(anchor);
}
