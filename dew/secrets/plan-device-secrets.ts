import { createHash } from 'node:crypto';
import type { Account } from '../../core/account.ts';
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
    wanted: wantedOf(own, question),
  };
}

/** Active edges of a group that have no copy of a secret; a withdrawn one nobody lacks. */
export function lackingOf({ record, copies }: SecretEntry, { state, group }: { state: LedgerState; group: string }) {
  if (record.commitment === null) return [];
  return edgesOf(state, group).filter((account) => !copies.has(account));
}

function isForGroup({ resource }: SecretEntry, { device, state }: DeviceSecretsQuestion): boolean {
  const head = state.heads.get(resource);
  return head?.status === 'active' && head.group === device.group;
}

/**
 * All active edges of the group, not only those that run it now: after a crash nobody may be left to seal it on. Every
 * device asks at every poll, so that this must stay quick: nothing is sorted, and each pair costs one look.
 */
function wantedOf(
  own: readonly SecretEntry[],
  { device, state, store, keys, now }: DeviceSecretsQuestion,
): WantedCopy[] {
  const recipients = edgesOf(state, device.group).filter((account) => keys.get(account) !== undefined);
  const turn = Number(now / TURN_SECONDS);
  const offsetOf = createOffsets();
  const wanted: WantedCopy[] = [];
  for (const { record, copies } of own) {
    if (record.commitment === null || !copies.has(device.account)) continue;
    const place = placeOf(device.account, copies);
    for (const recipient of recipients) {
      if (copies.has(recipient)) continue;
      const isAsked = (place + offsetOf(recipient) + turn) % copies.size < HOLDERS_AT_ONCE;
      if (!isAsked || store.isDistrusted(record, { recipient, by: device.account })) continue;
      wanted.push({ ...versionOf(record), recipient });
      if (wanted.length === MAX_WANTED) return wanted;
    }
  }
  return wanted;
}

function edgesOf(state: LedgerState, group: string): readonly Account[] {
  return [...state.devices.values()]
    .filter((device) => device.group === group && device.kind === 'edge' && device.status === 'active')
    .map(({ account }) => account);
}

function placeOf(account: Account, copies: SecretEntry['copies']): number {
  let place = 0;
  for (const holder of copies.keys()) {
    if (holder === account) break;
    place += 1;
  }
  return place;
}

/** Other recipients fall to other holders first. */
function createOffsets(): (recipient: Account) => number {
  const offsets = new Map<Account, number>();
  return (recipient) => {
    const known = offsets.get(recipient) ?? createHash('sha256').update(recipient).digest().readUInt32BE(0);
    offsets.set(recipient, known);
    return known;
  };
}

function versionOf({ tenant, resource, name, version }: SecretEntry['record']) {
  return { tenant, resource, name, version };
}
