import type { Command } from 'commander';
import { addTenantCreate } from './tenant-create.ts';

/** `dewproof tenant`: an organisation's own registry. */
export function addTenant(program: Command): void {
  const tenant = program
    .command('tenant')
    .summary("set up an organisation's registry")
    .description("Set up an organisation's registry on the chain.");
  addTenantCreate(tenant);
}
