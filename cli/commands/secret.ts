import type { Command } from 'commander';
import { addSecretList } from './secret-list.ts';
import { addSecretRemove } from './secret-remove.ts';
import { addSecretSet } from './secret-set.ts';

/** `dewproof secret`: values that documents name and never hold. */
export function addSecret(program: Command): void {
  const secret = program
    .command('secret')
    .summary('set what documents name and never hold')
    .description(
      `Set the secrets that documents name (spec.secrets). A value is sealed here to the key of each device that the
ledger lets run the resource; dews, the chain and the documents never see it. It takes a grant of manage on the resource.`,
    );
  addSecretSet(secret);
  addSecretList(secret);
  addSecretRemove(secret);
}
