import { createHmac, timingSafeEqual } from 'node:crypto';
import { DewproofError } from '../../core/errors.ts';
import { encodeDeviceState, parseDeviceState, type DeviceState } from './state-json.ts';

/** Larger than the state of 10,000 grants; what claims to be more is refused before a byte of it is read. */
export const MAX_BUNDLE_BYTES = 8 * 1024 * 1024;

const MAC_BYTES = 32;

/** A bundle: HMAC-SHA256 (32 bytes) of what follows it, the state's canonical JSON. @throws ENDLESS_DATA */
export function sealBundle(deviceState: DeviceState, sealKey: Uint8Array): Uint8Array {
  const content = encodeDeviceState(deviceState);
  const bundle = Buffer.concat([macOf(content, sealKey), content]);
  if (bundle.length <= MAX_BUNDLE_BYTES) return bundle;
  throw new DewproofError(
    'ENDLESS_DATA',
    `The tenant's policies do not fit ${MAX_BUNDLE_BYTES} bytes; take expired grants and members away.`,
  );
}

/** Opens a bundle sealed with `sealKey`: size, then seal, then content. @throws ENDLESS_DATA, PROOF_INVALID, SCHEMA */
export function openBundle(bundle: Uint8Array, sealKey: Uint8Array): DeviceState {
  if (bundle.length > MAX_BUNDLE_BYTES) {
    throw new DewproofError('ENDLESS_DATA', `A bundle has at most ${MAX_BUNDLE_BYTES} bytes; fetch a new one.`);
  }
  const content = bundle.subarray(MAC_BYTES);
  const mac = bundle.subarray(0, MAC_BYTES);
  if (mac.length !== MAC_BYTES || !timingSafeEqual(mac, macOf(content, sealKey))) {
    throw new DewproofError('PROOF_INVALID', "The bundle does not bear this device's seal; fetch a new one.");
  }
  return parseDeviceState(content);
}

function macOf(content: Uint8Array, sealKey: Uint8Array): Uint8Array {
  return createHmac('sha256', sealKey).update(content).digest();
}
