import { decodeBundle } from '../../chain/light/bundle/decode-bundle.ts';
import { encodeBundle } from '../../chain/light/bundle/encode-bundle.ts';
import { nobleCrypto } from '../../chain/light/crypto/noble-crypto.ts';
import { toHex } from '../../chain/light/hex.ts';
import { buildBundle } from '../../chain/light/make/build-bundle.ts';
import type { ResourceId } from '../../core/ids.ts';
import type { Anchor } from '../../core/state/anchor.ts';

/** Changes one bit of the last node of a bundle's proof. */
export function tamperBundle(bundle: Uint8Array): Uint8Array {
  const tampered = Uint8Array.from(bundle);
  const last = tampered.length - 1;
  tampered[last] = (tampered[last] ?? 0) ^ 1;
  return tampered;
}

/** The newer bundle's header and what vouches for it, over the older one's facts and proof. */
export function mixBundles({ older, newer }: { readonly older: Uint8Array; readonly newer: Uint8Array }): Uint8Array {
  const { header, note, changes } = decodeBundle(newer);
  return encodeBundle({ ...decodeBundle(older), header, note, changes });
}

/** A bundle that proves all that `bundle` does, but says nothing of one resource: whoever has its parts can make it. */
export function omitRecord(
  bundle: Uint8Array,
  { resource, anchor }: { readonly resource: ResourceId; readonly anchor: Anchor },
): Uint8Array {
  const { heads, devices, grants, members, nodes, header, note, changes } = decodeBundle(bundle);
  const kept = heads.filter((claim) => toHex(claim.resource) !== resource);
  const claims = { heads: kept, devices, grants, members };
  return buildBundle({ claims, vouchers: { header, note, changes }, nodes }, { anchor, crypto: nobleCrypto });
}
