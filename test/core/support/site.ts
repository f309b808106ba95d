import type { Account } from '../../../core/account.ts';
import { digestOf } from '../../../core/digest.ts';
import { groupIdOf, resourceIdOf } from '../../../core/ids.ts';
import { factsOf } from '../../../core/ledger/facts.ts';
import type { ConfigurationRecord, DeviceRecord } from '../../../core/ledger/records.ts';
import { emptyLedgerState } from '../../../core/ledger/state.ts';
import type { VerifiedState } from '../../../core/state/verified-state.ts';
import type { ConfigurationQuestion } from '../../../core/verify.ts';
import { bytesOf, rawProfile, rawResource } from './samples.ts';

export const DEVICE: Account = `0x${'d1'.repeat(20)}`;
export const RESOURCE = resourceIdOf({ tenant: 'greenfields', name: 'barn-climate' });
export const GROUP = groupIdOf({ tenant: 'greenfields', name: 'barn-7' });
export const OTHER_GROUP = groupIdOf({ tenant: 'greenfields', name: 'barn-8' });

/** What a vector changes of a site where everything is right. */
export interface Site {
  readonly document?: Record<string, unknown>;
  readonly profile?: Record<string, unknown>;
  readonly record?: Partial<ConfigurationRecord> | undefined;
  readonly device?: Partial<DeviceRecord> | undefined;
  readonly question?: Partial<ConfigurationQuestion>;
}

/** A state that says `facts`; tests of core stand below the rooms that open bundles, hence the cast. */
export function stateOf(devices: readonly DeviceRecord[], heads: readonly ConfigurationRecord[]): VerifiedState {
  const facts = factsOf({
    ...emptyLedgerState,
    devices: new Map(devices.map((device) => [device.account, device])),
    heads: new Map(heads.map((head) => [head.resource, head])),
  });
  const hash = `0x${'00'.repeat(32)}` as const;
  const identity = { chain: 'memory:test', genesis: hash, registry: 'test' };
  return { ...facts, identity, block: { height: 1n, hash, time: 1n } } as VerifiedState;
}

/** The question of a device at a site: verified as it stands, unless `site` says otherwise. */
export function questionAt(site: Site = {}): ConfigurationQuestion {
  const bytes = bytesOf(site.document ?? rawResource());
  const profileBytes = bytesOf(site.profile ?? rawProfile());
  const device: DeviceRecord = {
    account: DEVICE,
    kind: 'edge',
    group: GROUP,
    status: 'active',
    profile: digestOf(profileBytes),
    ...site.device,
  };
  const record: ConfigurationRecord = {
    resource: RESOURCE,
    version: 3n,
    digest: digestOf(bytes),
    group: GROUP,
    status: 'active',
    ...site.record,
  };
  const devices = 'device' in site && site.device === undefined ? [] : [device];
  const heads = 'record' in site && site.record === undefined ? [] : [record];
  return {
    bytes,
    resource: RESOURCE,
    account: DEVICE,
    state: stateOf(devices, heads),
    profileBytes,
    lastSeen: undefined,
    runtimes: ['views'],
    ...site.question,
  };
}
