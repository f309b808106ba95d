import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Account } from '../../core/account.ts';
import { parseDocument } from '../../core/document/parse-document.ts';
import type { Document } from '../../core/document/schema.ts';
import type { Digest } from '../../core/digest.ts';
import { DewproofError } from '../../core/errors.ts';
import { emptyLedgerState, type LedgerState } from '../../core/ledger/state.ts';
import type { Placement } from '../../core/placement.ts';
import type { Catalog } from '../../dew/documents/catalog.ts';
import type { ContentStore } from '../../dew/documents/content-store.ts';
import { openPlacementStore } from '../../dew/placement/placement-store.ts';
import { planGroup } from '../../dew/placement/plan-group.ts';
import { createProvisioning } from '../../dew/provisioning.ts';
import { sealRecord } from '../../platform/store/checked-record.ts';
import { openStore, sublevelOf } from '../../platform/store/open-store.ts';
import { temporaryFolder } from '../platform/temporary-folder.ts';
import { walletOf } from '../platform/wallets.ts';
import { profile, resource, TENANT, type TestResource } from './support/documents.ts';

const [first, second] = [11, 12].map((number) => walletOf(number).account) as [Account, Account];
const { group } = resource().proposal;
const block = { height: 1n, hash: `0x${'1'.repeat(64)}`, time: 1n } as const;
const identity = { chain: 'memory:test', genesis: block.hash, registry: 'test' };

function stateOf(
  heads: readonly TestResource[],
  { profiles = {} }: { readonly profiles?: Readonly<Record<Account, Digest>> } = {},
): LedgerState {
  const device = (account: Account) =>
    ({ account, kind: 'edge', group, status: 'active', profile: profiles[account] }) as const;
  return {
    ...emptyLedgerState,
    block,
    devices: new Map([first, second].map((account) => [account, device(account)])),
    heads: new Map(heads.map(({ proposal }) => [proposal.resource, { ...proposal, status: 'active' }])),
  };
}

/** Contents and their catalogue in memory. */
function shelf(contents: readonly { digest: Digest; bytes: Uint8Array }[]) {
  const stored = new Map(contents.map(({ digest, bytes }) => [digest, bytes]));
  const parsed = new Map<Digest, Document>(
    contents.map(({ digest, bytes }) => [digest, parseDocument(bytes).document]),
  );
  const documents: ContentStore = {
    get: (digest) => Promise.resolve(stored.get(digest)),
    put: (digest, bytes) => Promise.resolve(void stored.set(digest, bytes)),
    delete: (digests) => {
      for (const digest of digests) stored.delete(digest);
      return Promise.resolve();
    },
    digests: () => Promise.resolve([...stored.keys()]),
  };
  const catalog: Catalog = {
    get: (digest) => parsed.get(digest),
    naming: () => [],
    size: () => 0,
    add: (digest, document) => void parsed.set(digest, document),
    remove: (digests) => {
      digests.forEach((digest) => parsed.delete(digest));
    },
  };
  return { documents, artifacts: documents, catalog };
}

function setUp(contents: readonly TestResource[]) {
  const disk = { isFull: false, placement: new Map() as Placement };
  const save = (placement: Placement): Promise<void> => {
    if (disk.isFull) return Promise.reject(new DewproofError('DISK_FULL', 'Full.'));
    disk.placement = placement;
    return Promise.resolve();
  };
  const provisioning = createProvisioning({
    tenant: TENANT,
    groups: new Set([group]),
    ...shelf(contents),
    placements: { loaded: new Map(), save },
    keepVersions: 5,
    hint: () => undefined,
  });
  return { provisioning, disk };
}

describe('a placement', () => {
  test('that a full disk refused is written before it is offered, once there is room', async () => {
    const document = resource();
    const { provisioning, disk } = setUp([document]);
    disk.isFull = true;
    const known = { identity, state: stateOf([document]) };
    await expect(provisioning.takeState(known)).rejects.toThrow(expect.objectContaining({ code: 'DISK_FULL' }));
    expect(provisioning.offer()).toBeUndefined();
    disk.isFull = false;
    await provisioning.takeState(known);
    expect(disk.placement).toEqual(provisioning.offer()?.plans.get(group)?.placement);
  });

  test('keeps a document that came back before its loss was noticed', async () => {
    const document = resource();
    const { provisioning } = setUp([document]);
    await provisioning.takeState({ identity, state: stateOf([document]) });
    const [uploaded, lost] = [
      provisioning.takeDocument(document.digest, document.bytes),
      provisioning.loseDocument(document.digest),
    ];
    await Promise.all([uploaded, lost]);
    expect(provisioning.offer()?.plans.get(group)?.undecided).toEqual([]);
  });

  test('leaves room for what cannot be decided about yet, and for what requires it', () => {
    const small = profile({ capacity: 2 });
    const base = resource({ name: 'base' });
    const update = resource({ name: 'base', version: 2 });
    const user = resource({ name: 'user', requires: ['base'] });
    const others = ['a', 'b', 'c', 'd'].map((name) => resource({ name }));
    const { resource: baseId } = base.proposal;
    const { resource: userId } = user.proposal;
    const previous: Placement = new Map([[first, [baseId, userId].sort()]]);
    const question = {
      state: stateOf([update, user, ...others], { profiles: { [first]: small.digest, [second]: small.digest } }),
      group,
      previous,
    };
    const before = planGroup({ ...question, documentOf: shelf([small, user, ...others]).catalog.get });
    expect(before.placement.get(first)).toEqual(previous.get(first));
    expect(before.placement.get(second)).toHaveLength(2);
    const after = planGroup({
      ...question,
      documentOf: shelf([small, update, user, ...others]).catalog.get,
      previous: before.placement,
    });
    expect(after.placement.get(first)).toEqual(previous.get(first));
  });

  test('that another version of this program wrote is refused with a code', async () => {
    const store = await openStore(join(temporaryFolder(), 'store'));
    onTestFinished(() => store.close());
    await sublevelOf(store, 'placement').put('placement', sealRecord('{}'));
    await expect(openPlacementStore(store)).rejects.toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }));
  });
});
