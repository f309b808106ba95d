import type { Command } from 'commander';
import { addBundleExport } from './bundle-export.ts';
import { addBundleImport } from './bundle-import.ts';
import { addBundleInspect } from './bundle-inspect.ts';
import { addBundleVerify } from './bundle-verify.ts';

/** `dewproof bundle`: proofs of the ledger's state, as files. */
export function addBundle(program: Command): void {
  const bundle = program
    .command('bundle')
    .summary('carry proofs of the ledger by file')
    .description(
      'Proof bundles: what the ledger says of a device and its group, with all that it takes to check it against a trust anchor and nothing else. They may come from any server or a USB stick.',
    );
  addBundleExport(bundle);
  addBundleImport(bundle);
  addBundleVerify(bundle);
  addBundleInspect(bundle);
}
