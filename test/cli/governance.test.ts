import { describe, expect, test } from 'vitest';
import { chooseOperation, verifyGoverned } from '../../cli/actions/governance.ts';
import type { Account } from '../../core/account.ts';
import type { GovernanceRole } from '../../core/ledger/records.ts';

const account = (digit: string): Account => `0x${digit.repeat(40)}`;
const [anna, ben, carla] = [account('a'), account('b'), account('c')];

function state(members: Partial<Record<GovernanceRole, readonly Account[]>>) {
  const entries = Object.entries(members) as [GovernanceRole, readonly Account[]][];
  return { governance: new Map(entries.map(([role, accounts]) => [role, new Map(accounts.map((one) => [one, 0n]))])) };
}

describe('a change of the governance', () => {
  const before = state({ admin: [anna], guardian: [ben], publisher: [carla] });

  test('may not take the last admin, nor the last guardian who is no admin', () => {
    const codes =
      (role: GovernanceRole, of: Account, from = before) =>
      () => {
        verifyGoverned({ type: 'revoke-role', role, account: of }, from);
      };
    expect(codes('admin', anna)).toThrow(expect.objectContaining({ code: 'CONFIG' }));
    expect(codes('guardian', ben)).toThrow(expect.objectContaining({ code: 'CONFIG' }));
    expect(codes('publisher', carla)).not.toThrow();
    expect(codes('admin', anna, state({ admin: [anna, carla], guardian: [ben] }))).not.toThrow();
    const guardedByAdmin = state({ admin: [anna], guardian: [anna, ben] });
    expect(codes('guardian', ben, guardedByAdmin)).toThrow(expect.objectContaining({ code: 'CONFIG' }));
  });

  test('may not make the last guardian an admin', () => {
    const grant = (of: Account) => () => {
      verifyGoverned({ type: 'grant-role', role: 'admin', account: of, executionDelaySeconds: 1 }, before);
    };
    expect(grant(ben)).toThrow(expect.objectContaining({ code: 'CONFIG' }));
    expect(grant(carla)).not.toThrow();
  });
});

describe('the beginning of an id', () => {
  const pending = [
    { id: `0x${'1'.repeat(64)}` },
    { id: `0x${'1'.repeat(63)}2` },
    { id: `0x${'3'.repeat(64)}` },
  ] as const;

  test('means one operation, or is refused', () => {
    expect(chooseOperation('0x33333333', pending)).toBe(pending[2]);
    expect(chooseOperation(pending[1].id, pending)).toBe(pending[1]);
    expect(() => chooseOperation('0x11111111', pending)).toThrow(expect.objectContaining({ code: 'CONFLICT' }));
    expect(() => chooseOperation('0x44444444', pending)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });
});
