import { testLedger } from '../../../chain/conformance/ledger-suite.ts';
import { actors, castRoles, type Actor, type TestTenant } from '../../../chain/conformance/test-tenant.ts';
import { createMemoryChain } from '../../../chain/memory/memory-ledger.ts';
import type { Account } from '../../../core/account.ts';

function accountOf(index: number): Account {
  return `0x${(index + 0xacc0).toString(16).padStart(40, '0')}`;
}

const accounts = Object.fromEntries(actors.map((actor, index) => [actor, accountOf(index)])) as Record<Actor, Account>;

testLedger('memory', {
  runs: 200,
  factory: ({ approvalThreshold }) => {
    const permissions = new Map(actors.map((actor) => [accounts[actor], castRoles[actor]]));
    const chain = createMemoryChain({ permissions, approvalThreshold });
    const tenant: TestTenant = {
      accounts,
      openLedger: (actor) => Promise.resolve(chain.ledgerOf(actor && accounts[actor])),
      mine: () => {
        chain.mine();
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    };
    return Promise.resolve(tenant);
  },
});
