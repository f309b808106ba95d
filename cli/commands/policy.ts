import type { Command } from 'commander';
import { addPolicyCheck } from './policy-check.ts';
import { addPolicyGrant } from './policy-grant.ts';
import { addPolicyRevoke } from './policy-revoke.ts';

/** `dewproof policy`: who may do what with which resource. */
export function addPolicy(program: Command): void {
  const policy = program
    .command('policy')
    .summary('let callers in, or keep them out')
    .description('Say on the ledger who may do what with which resource. What no grant allows is refused.');
  addPolicyGrant(policy);
  addPolicyRevoke(policy);
  addPolicyCheck(policy);
}
