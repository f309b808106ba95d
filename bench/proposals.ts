import { createHash, randomBytes } from 'node:crypto';
import { deployTenant } from '../chain/evm/deploy-tenant.ts';
import { openEvmLedger } from '../chain/evm/evm-ledger.ts';
import { openLocalAccount } from '../chain/evm/local-account.ts';
import { digestOf } from '../core/digest.ts';
import { groupIdOf, resourceIdOf } from '../core/ids.ts';
import type { Proposal } from '../core/ledger/records.ts';
import { fundAccounts } from '../scripts/site/chain-process.ts';
import type { Figure } from './report.ts';
import { timed } from './statistics.ts';

const tenant = 'greenfields';
const single = 100;
const batches = 10;
const batchSize = 100;

/** Proposals a second on a node that mines at once: each its own transaction awaited, 32 under way, and in batches of 100. */
export async function benchProposals(url: string): Promise<readonly Figure[]> {
  const publisher = openLocalAccount(randomBytes(32));
  const guardian = openLocalAccount(randomBytes(32));
  await fundAccounts(url, [publisher.account]);
  const { anchor } = await deployTenant({
    url,
    deployer: publisher,
    tenant,
    approvalThreshold: 1,
    members: [
      { account: publisher.account, role: 'publisher' },
      { account: publisher.account, role: 'admin' },
      { account: guardian.account, role: 'guardian' },
    ],
  });
  const ledger = await openEvmLedger({ anchor, signer: publisher, pollMs: 5 });
  const propose = (proposals: readonly Proposal[]) => ledger.submit({ type: 'propose', proposals });
  try {
    await propose([proposal('warm-up')]);
    const one = await timed(async () => {
      for (let index = 0; index < single; index += 1) await propose([proposal(`one-${index}`)]);
    });
    const many = await timed(() =>
      Promise.all(Array.from({ length: single }, (_, index) => propose([proposal(`many-${index}`)]))),
    );
    const batched = await timed(async () => {
      for (let batch = 0; batch < batches; batch += 1) {
        await propose(Array.from({ length: batchSize }, (_, index) => proposal(`batch-${batch}-${index}`)));
      }
    });
    return [
      figure('proposals, one by one', { count: single, ms: one.ms, how: 'a transaction each, awaited' }),
      figure('proposals, concurrent', { count: single, ms: many.ms, how: `${single} submitted at once` }),
      figure('proposals, batched', { count: batches * batchSize, ms: batched.ms, how: `${batchSize} a transaction` }),
    ];
  } finally {
    await ledger.close();
  }
}

function proposal(name: string): Proposal {
  return {
    resource: resourceIdOf({ tenant, name }),
    version: 1n,
    digest: digestOf(createHash('sha256').update(name).digest()),
    group: groupIdOf({ tenant, name: 'bench' }),
  };
}

function figure(what: string, { count, ms, how }: { count: number; ms: number; how: string }): Figure {
  return { what, value: (count * 1000) / ms, unit: '1/s', how: `${how}; hardhat node, mined at once` };
}
