import { accountSubject } from '../../../core/ids.ts';
import { actions, NEVER } from '../../../core/policy.ts';
import { resources } from '../../support/test-registry.ts';
import type { Facts } from './facts.ts';

type Grant = NonNullable<Facts['grants']>[number];

/** Who calls by a grant that grows old. */
export const CALLER = `0x${'ee'.repeat(20)}` as const;

/** A grant of all actions to `CALLER`, but for what `rest` says. */
export function agingGrant(rest: Partial<Grant> = {}): Grant {
  return {
    resource: resources[0],
    subject: accountSubject(CALLER),
    actions,
    offline: false,
    expiresAt: NEVER,
    ...rest,
  };
}
