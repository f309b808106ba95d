import { actors, castRoles, type Actor } from '../../../chain/conformance/test-tenant.ts';
import { bytes32Of, digestOfByte, type Step } from '../../../chain/conformance/command-arbitrary.ts';
import { createMemoryChain, type MemoryChain } from '../../../chain/memory/memory-ledger.ts';
import type { Account } from '../../../core/account.ts';
import type { GroupId, ResourceId } from '../../../core/ids.ts';

/** The suite's cast on a chain in memory; proposals are active at once. */
export interface MemoryTenant {
  readonly chain: MemoryChain;
  readonly accounts: Readonly<Record<Actor, Account>>;
  readonly submit: (step: Step) => Promise<void>;
  readonly enrol: (group: GroupId) => Promise<void>;
  readonly move: (group: GroupId) => Promise<void>;
  readonly activate: (resource: ResourceId, at: { readonly version: bigint; readonly group: GroupId }) => Promise<void>;
}

export const groupA = bytes32Of(0xb1);
export const groupB = bytes32Of(0xb2);
export const resourceA = bytes32Of(0xa1);
export const resourceB = bytes32Of(0xa2);

const accounts = Object.fromEntries(
  actors.map((actor, index) => [actor, `0x${(index + 0xacc0).toString(16).padStart(40, '0')}`]),
) as Record<Actor, Account>;

export function createMemoryTenant(name = 'test'): MemoryTenant {
  const permissions = new Map(actors.map((actor) => [accounts[actor], castRoles[actor]]));
  const chain = createMemoryChain({ name, permissions, approvalThreshold: 0 });
  const submit = async ({ actor, command }: Step): Promise<void> => {
    await chain.ledgerOf(accounts[actor]).submit(command);
  };
  const account = accounts.device;
  return {
    chain,
    accounts,
    submit,
    enrol: (group) =>
      submit({
        actor: 'registrar',
        command: { type: 'enrol-device', account, kind: 'edge', group, profile: undefined },
      }),
    move: (group) => submit({ actor: 'registrar', command: { type: 'set-device-group', account, group } }),
    activate: (resource, { version, group }) =>
      submit({
        actor: 'publisher',
        command: { type: 'propose', proposals: [{ resource, version, digest: digestOfByte(0xc1), group }] },
      }),
  };
}
