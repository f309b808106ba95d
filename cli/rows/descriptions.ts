import type { Account } from '../../core/account.ts';
import type { VirtualResource } from '../../core/document/schema.ts';
import { DewproofError } from '../../core/errors.ts';
import { accountSubject, ANY_RESOURCE, resourceIdOf, type Name } from '../../core/ids.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import { showTime } from '../show-time.ts';
import { didYouMean } from '../home/did-you-mean.ts';
import type { Names } from '../home/names.ts';
import type { SealedDocuments } from '../home/sealed-documents.ts';
import { nowOf } from '../ledger/now.ts';
import { deviceRows, type DeviceRow } from './device-rows.ts';
import { governanceRows } from './governance-rows.ts';
import { grantRows, type GrantRow } from './grant-rows.ts';
import { memberRows } from './member-rows.ts';
import { proposalRows, type ProposalRow } from './proposal-rows.ts';
import { resourceRows, type ResourceRow } from './resource-rows.ts';

interface ResourceDescription {
  readonly name: Name;
  readonly id: string;
  readonly asOf: string | undefined;
  readonly record: ResourceRow | undefined;
  readonly proposals: readonly ProposalRow[];
  readonly grants: readonly GrantRow[];
  /** Where this home keeps the recorded version. */
  readonly document: VirtualResource | undefined;
}

interface DeviceDescription extends DeviceRow {
  readonly asOf: string | undefined;
  readonly resources: readonly ResourceRow[];
  readonly roles: readonly string[];
  readonly governance: readonly string[];
  readonly grants: readonly GrantRow[];
}

/** All that the ledger says of a resource. @throws NOT_FOUND */
export async function describeResource(question: {
  readonly name: Name;
  readonly state: LedgerState;
  readonly names: Names;
  readonly documents: SealedDocuments;
}): Promise<ResourceDescription> {
  const { name, state, names, documents } = question;
  names.learn('resource', name);
  const id = resourceIdOf({ tenant: names.tenant, name });
  const kept = await documents.versionsOf({ kind: 'VirtualResource', tenant: names.tenant, name });
  for (const { document } of kept) if (document.kind === 'VirtualResource') names.learn('group', document.spec.group);
  const record = resourceRows(state, names).find((row) => row.id === id);
  const proposals = proposalRows(state, names).filter((row) => row.id === id);
  if (record === undefined && proposals.length === 0)
    throw unknown(`resource ${name}`, { meant: didYouMean(name, names.known('resource')) });
  const grants = grantRows(state, names, nowOf(state)).filter(({ resource }) => [id, ANY_RESOURCE].includes(resource));
  const document = kept.find(({ digest }) => digest === record?.digest)?.document;
  return {
    name,
    id,
    asOf: asOf(state),
    record,
    proposals,
    grants,
    document: document?.kind === 'VirtualResource' ? document : undefined,
  };
}

/** All that the ledger says of a device. @throws NOT_FOUND */
export function describeDevice(question: {
  readonly account: Account;
  readonly state: LedgerState;
  readonly names: Names;
}): DeviceDescription {
  const { account, state, names } = question;
  const device = deviceRows(state, names).find((row) => row.account === account);
  if (device === undefined) throw unknown(`device ${account}`, { meant: '' });
  const now = nowOf(state);
  return {
    ...device,
    asOf: asOf(state),
    resources: resourceRows(state, names).filter(({ group }) => group === device.group),
    roles: memberRows(state, names, now)
      .filter((row) => row.account === account && !row.expired)
      .map(({ role }) => names.show('role', role)),
    governance: governanceRows(state)
      .filter((row) => row.account === account)
      .map(({ role }) => role),
    grants: grantRows(state, names, now).filter(({ subject }) => subject === accountSubject(account)),
  };
}

function asOf({ block }: LedgerState): string | undefined {
  return block === undefined ? undefined : `block ${block.height}, ${showTime(block.time)}`;
}

function unknown(what: string, { meant }: { readonly meant: string }): DewproofError {
  return new DewproofError(
    'NOT_FOUND',
    `The ledger has no ${what}.${meant} See \`dewproof get ${what.split(' ', 1).join()}s\`.`,
  );
}
