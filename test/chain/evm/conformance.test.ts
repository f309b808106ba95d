import { afterAll, beforeAll, describe } from 'vitest';
import { testLedger } from '../../../chain/conformance/ledger-suite.ts';
import { deployEvmTenant } from '../../support/evm-tenant.ts';
import { startAnvil, startHardhat, type DevNode } from '../../support/nodes.ts';

const nodes = {
  'hardhat node': () => startHardhat(),
  anvil: () => startAnvil({ args: ['--accounts', '20'] }),
};

for (const [name, start] of Object.entries(nodes)) {
  describe(name, () => {
    let node: DevNode;
    beforeAll(async () => {
      node = await start();
    });
    afterAll(() => node.kill());

    testLedger(`EVM on ${name}`, {
      runs: 6,
      factory: ({ approvalThreshold }) => deployEvmTenant(node, { approvalThreshold }),
    });
  });
}
