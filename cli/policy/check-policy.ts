import type { Account } from '../../core/account.ts';
import { hasCode, type ErrorCode } from '../../core/errors.ts';
import { resourceIdOf, type Name } from '../../core/ids.ts';
import { factsOf } from '../../core/ledger/facts.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import { verifyAccess, type Action, type Grant } from '../../core/policy.ts';
import { showTime } from '../show-time.ts';
import { showSubject, type Names } from '../home/names.ts';
import { nowOf } from '../ledger/now.ts';

/** Whether one action is allowed, and why; `code` where it is refused. */
export interface PolicyVerdict {
  readonly action: Action;
  readonly verdict: 'allowed' | 'refused';
  readonly code: ErrorCode | undefined;
  readonly why: string;
}

/** Answers for each action what a device with this state and a right clock would. `account` undefined: unsigned. */
export function checkPolicy(question: {
  readonly account: Account | undefined;
  readonly resource: Name;
  readonly actions: readonly Action[];
  readonly state: LedgerState;
  readonly names: Names;
}): readonly PolicyVerdict[] {
  const { account, state, names } = question;
  const resource = resourceIdOf({ tenant: names.tenant, name: question.resource });
  names.learn('resource', question.resource);
  return question.actions.map((action) => {
    try {
      const grant = verifyAccess({ account, resource, action, now: nowOf(state) }, factsOf(state));
      return { action, verdict: 'allowed', code: undefined, why: describeGrant(grant, names) };
    } catch (error) {
      if (!hasCode(error, 'FORBIDDEN', 'UNAUTHENTICATED')) throw error;
      return { action, verdict: 'refused', code: error.code, why: `${error.code}: ${error.message}` };
    }
  });
}

function describeGrant({ resource, subject, offline, expiresAt }: Grant, names: Names): string {
  const on = names.show('resource', resource);
  const lasting = offline ? ', offline too' : '';
  return `granted to ${showSubject(subject, names)} on ${on}, expires ${showTime(expiresAt)}${lasting}`;
}
