import type { Digest } from '../core/digest.ts';
import type { ConfigurationRecord, DeviceRecord } from '../core/ledger/records.ts';

/** Which configuration a device is to run: another version, document or profile makes it another one. */
export interface Target {
  readonly version: bigint;
  readonly digest: Digest;
  /** Digest of the device's profile, whose bindings fill in the document's addresses. */
  readonly profile: Digest | undefined;
}

/** What a record asks of a device. */
export function targetOf({ record, device }: { record: ConfigurationRecord; device: DeviceRecord }): Target {
  return { version: record.version, digest: record.digest, profile: device.profile };
}

/** Tells whether both are the same configuration. */
export function isSameTarget([first, second]: readonly [Target | undefined, Target | undefined]): boolean {
  return first?.version === second?.version && first?.digest === second?.digest && first?.profile === second?.profile;
}
