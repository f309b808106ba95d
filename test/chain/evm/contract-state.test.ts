import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bytes32Of, stepArbitrary, type Step } from '../../../chain/conformance/command-arbitrary.ts';
import { runSteps } from '../../../chain/conformance/run-steps.ts';
import { digestToBytes32 } from '../../../core/digest.ts';
import { deviceKinds, deviceStatuses } from '../../../core/ledger/records.ts';
import type { LedgerState } from '../../../core/ledger/state.ts';
import { actionBits } from '../../../core/policy.ts';
import { registryAt, type TestContract } from '../../support/evm-calls.ts';
import { deployEvmTenant } from '../../support/evm-tenant.ts';
import { startAnvil, type DevNode } from '../../support/nodes.ts';

let node: DevNode;
beforeAll(async () => {
  node = await startAnvil({ args: ['--accounts', '20'] });
});
afterAll(() => node.kill());

const zero = bytes32Of(0);

/** Everything that the commands named, as the contract's getters tell it. */
async function expectGetters(registry: TestContract, { state, steps }: { state: LedgerState; steps: readonly Step[] }) {
  expect(await registry.read('approvalThreshold')).toBe(BigInt(state.approvalThreshold));
  for (const { command } of steps) {
    if ('account' in command) await expectDevice(registry, { state, account: command.account });
    if ('role' in command) {
      const until = state.members.get(command.role)?.get(command.account) ?? 0n;
      expect(await registry.read('memberUntil', [command.role, command.account])).toBe(until);
    }
    if ('subject' in command) {
      const grant = state.grants.get(command.resource)?.get(command.subject);
      expect(await registry.read('grant', [command.resource, command.subject])).toMatchObject([
        BigInt(actionBits(grant?.actions ?? [])),
        grant?.offline ?? false,
        grant?.expiresAt ?? 0n,
      ]);
    }
    if (command.type === 'anchor-receipts') {
      const anchored = state.anchored.get(command.root);
      const [device, time] = (await registry.read('receiptsAnchor', [command.root])) as [string, bigint];
      expect([device.toLowerCase(), time]).toEqual([anchored?.device ?? `0x${'00'.repeat(20)}`, anchored?.time ?? 0n]);
    }
    for (const one of 'proposals' in command ? command.proposals : command.type === 'revoke' ? [command] : []) {
      await expectResource(registry, { state, ...one });
    }
  }
}

async function expectDevice(
  registry: TestContract,
  { state, account }: { state: LedgerState; account: `0x${string}` },
) {
  const device = state.devices.get(account);
  expect(await registry.read('device', [account])).toMatchObject([
    BigInt(device ? deviceKinds.indexOf(device.kind) + 1 : 0),
    BigInt(device ? deviceStatuses.indexOf(device.status) + 1 : 0),
    device?.group ?? zero,
    device?.profile ? digestToBytes32(device.profile) : zero,
  ]);
}

async function expectResource(
  registry: TestContract,
  { state, resource, version }: { state: LedgerState; resource: `0x${string}`; version: bigint },
) {
  const head = state.heads.get(resource);
  expect(await registry.read('head', [resource])).toMatchObject([
    head?.version ?? 0n,
    head ? (head.status === 'active' ? 1n : 2n) : 0n,
    head ? digestToBytes32(head.digest) : zero,
    head?.group ?? zero,
  ]);
  if (version < 2n ** 64n) {
    const revoked = state.revoked.has(`${resource}/${version}`);
    expect(await registry.read('isRevoked', [resource, version])).toBe(revoked);
  }
  for (const { proposer, approvers, ...proposal } of state.proposals.values()) {
    const tuple = [proposal.resource, proposal.version, digestToBytes32(proposal.digest), proposal.group];
    const [by, approvals] = (await registry.read('proposalStatus', [tuple])) as [string, bigint];
    expect([by.toLowerCase(), approvals]).toEqual([proposer, BigInt(approvers.length)]);
  }
}

test('the state that events reduce to is the one that the contract’s getters tell', async () => {
  const { accounts } = await deployEvmTenant(node);
  await fc.assert(
    fc.asyncProperty(fc.array(stepArbitrary(accounts), { minLength: 30, maxLength: 50 }), async (steps) => {
      const tenant = await deployEvmTenant(node);
      const state = await runSteps(tenant, steps);
      await expectGetters(registryAt(node, tenant.deployed.anchor.registry), { state, steps });
    }),
    { numRuns: 6, endOnFailure: true },
  );
});
