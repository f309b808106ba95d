import { afterEach } from 'vitest';
import type { LedgerFactory, TestTenant } from './test-tenant.ts';

/** Makes tenants for the tests of one `describe` and closes them after each. */
export function useTenant(
  factory: LedgerFactory,
): (options?: { readonly approvalThreshold: number }) => Promise<TestTenant> {
  const open: TestTenant[] = [];
  afterEach(async () => {
    for (const tenant of open.splice(0)) await tenant.close();
  });
  return async (options = { approvalThreshold: 1 }) => {
    const tenant = await factory(options);
    open.push(tenant);
    return tenant;
  };
}
