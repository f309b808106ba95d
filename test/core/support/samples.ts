import { canonicalBytes } from '../../../core/document/canonical.ts';
import {
  documentDraftSchema,
  documentSchema,
  type DeviceProfile,
  type DeviceProfileDraft,
  type VirtualResource,
  type VirtualResourceDraft,
} from '../../../core/document/schema.ts';

export const SALT = 'c2l4dGVlbiByYW5kb20gYnl0ZXM';

/** What is written in DESIGN's example, complete; `spec` replaces parts of it. */
export function rawResource(spec: object = {}, metadata: object = {}): Record<string, unknown> {
  return {
    apiVersion: 'dewproof/v1',
    kind: 'VirtualResource',
    metadata: { tenant: 'greenfields', name: 'barn-climate', ...metadata },
    spec: {
      version: 3,
      salt: SALT,
      group: 'barn-7',
      inputs: [{ id: 'temperature', mqtt: { topic: 'barn/7/temperature' } }],
      views: [{ id: 'now', input: 'temperature', latest: true }],
      ...spec,
    },
  };
}

/** A profile's raw document. */
export function rawProfile(spec: object = {}): Record<string, unknown> {
  return {
    apiVersion: 'dewproof/v1',
    kind: 'DeviceProfile',
    metadata: { tenant: 'greenfields', name: 'barn-7-box' },
    spec: { version: 1, salt: SALT, capacity: { resources: 4 }, ...spec },
  };
}

export function resource(spec: object = {}, metadata: object = {}): VirtualResource {
  return documentSchema.parse(rawResource(spec, metadata)) as VirtualResource;
}

export function profile(spec: object = {}): DeviceProfile {
  return documentSchema.parse(rawProfile(spec)) as DeviceProfile;
}

/** A resource as a person writes it: without version and salt, unless `spec` has them. */
export function draft(spec: object = {}, metadata: object = {}): VirtualResourceDraft {
  const raw = rawResource({ version: undefined, salt: undefined, ...spec }, metadata);
  return documentDraftSchema.parse(raw) as VirtualResourceDraft;
}

/** A profile as a person writes it. */
export function profileDraft(spec: object = {}): DeviceProfileDraft {
  return documentDraftSchema.parse(rawProfile({ version: undefined, salt: undefined, ...spec })) as DeviceProfileDraft;
}

export function bytesOf(raw: unknown): Uint8Array {
  return canonicalBytes(raw);
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
