import type { Account } from '../../core/account.ts';
import { digestOf } from '../../core/digest.ts';
import type { DeviceRecord } from '../../core/ledger/records.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import { MAX_OFFERED, MAX_WANTED, type DeviceSecrets, type WantedCopy } from '../../core/wire/secrets.ts';
import type { KeyStore } from './key-store.ts';
import type { SecretEntry, SecretStore } from './secret-store.ts';

// Of many holders two are asked at a time, others later: one that is asleep must not hold up a move for good.
const HOLDERS_AT_ONCE = 2;
const TURN_SECONDS = 30n;

/** What a plan is made of; `now` in Unix seconds. */
export interface DeviceSecretsQuestion {
  readonly device: DeviceRecord;
  readonly state: LedgerState;
  readonly store: SecretStore;
  readonly keys: KeyStore;
  readonly now: bigint;
}

/** What there is for one device to do with secrets: fetch its copies, and seal on what others of its group lack. */
export function planDeviceSecrets(question: DeviceSecretsQuestion): DeviceSecrets {
  const { device, store, keys } = question;
  const own = store.list().filter((entry) => isForGroup(entry, question));
  const offered = own.filter(({ record, copies }) => record.commitment === null || copies.has(device.account));
  return {
    device: device.account,
    isKeyKnown: keys.get(device.account) !== undefined,
    offered: offered.map(({ record }) => versionOf(record)).slice(0, MAX_OFFERED),
    wanted: own.flatMap((entry) => wantedOf(entry, question)).slice(0, MAX_WANTED),
  };
}

/** Active edges of a group that have no copy of a secret; a withdrawn one nobody lacks. */
export function lackingOf({ record, copies }: SecretEntry, { state, group }: { state: LedgerState; group: string }) {
  if (record.commitment === null) return [];
  return [...state.devices.values()].filter(
    (device) =>
      device.group === group && device.kind === 'edge' && device.status === 'active' && !copies.has(device.account),
  );
}

function isForGroup({ resource }: SecretEntry, { device, state }: DeviceSecretsQuestion): boolean {
  const head = state.heads.get(resource);
  return head?.status === 'active' && head.group === device.group;
}

/** All active edges of the group, not only those that run it now: after a crash nobody may be left to seal it on. */
function wantedOf(entry: SecretEntry, { device, state, store, keys, now }: DeviceSecretsQuestion): WantedCopy[] {
  if (!entry.copies.has(device.account)) return [];
  const lacking = lackingOf(entry, { state, group: device.group });
  return lacking
    .map(({ account }) => account)
    .filter((recipient) => keys.get(recipient) !== undefined)
    .filter((recipient) => holdersFor(recipient, { entry, store, now }).includes(device.account))
    .map((recipient) => ({ ...versionOf(entry.record), recipient }));
}

function holdersFor(
  recipient: Account,
  { entry, store, now }: { entry: SecretEntry; store: SecretStore; now: bigint },
): readonly Account[] {
  const isTrusted = (by: Account): boolean => !store.isDistrusted(entry.record, { recipient, by });
  const inOrder = (account: Account): string => digestOf(Buffer.from(`${recipient}${account}`));
  const holders = [...entry.copies.keys()]
    .filter(isTrusted)
    .toSorted((first, second) => (inOrder(first) < inOrder(second) ? -1 : 1));
  const from = holders.length === 0 ? 0 : Number((now / TURN_SECONDS) % BigInt(holders.length));
  return [...holders.slice(from), ...holders.slice(0, from)].slice(0, HOLDERS_AT_ONCE);
}

function versionOf({ tenant, resource, name, version }: SecretEntry['record']) {
  return { tenant, resource, name, version };
}
