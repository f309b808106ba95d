import { decode } from 'cborg';
import type { z } from 'zod';
import { DewproofError } from '../../../core/errors.ts';
import { sameBytes } from '../hex.ts';
import { encodeBundle } from './encode-bundle.ts';
import { MAX_PROOF_BYTES } from './limits.ts';
import { proofBundleSchema, type DeviceClaim, type HeadClaim, type ProofBundle } from './proof-bundle.ts';
import { malformed, scanCbor } from './scan-cbor.ts';

const strict = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  rejectDuplicateMapKeys: true,
} as const;

/**
 * Decodes a bundle: its size first, then its frame, then its parts, then whether these are the very bytes that its
 * parts are written as. Nothing of it is verified. @throws SCHEMA, TOO_DEEP, ENDLESS_DATA
 */
export function decodeBundle(bytes: Uint8Array): ProofBundle {
  if (bytes.length > MAX_PROOF_BYTES) {
    throw new DewproofError('ENDLESS_DATA', `A proof bundle has at most ${MAX_PROOF_BYTES} bytes; fetch another one.`);
  }
  scanCbor(bytes);
  const bundle = toBundle(decodeStrictly(bytes));
  if (!sameBytes(encodeBundle(bundle), bytes)) throw malformed('is not in its one form');
  return bundle;
}

function decodeStrictly(bytes: Uint8Array): unknown {
  try {
    return decode(bytes, strict);
  } catch (error) {
    throw new DewproofError('SCHEMA', 'The bundle is no canonical CBOR; fetch another one.', { cause: error });
  }
}

type Parts = z.infer<typeof proofBundleSchema>;

function toBundle(decoded: unknown): ProofBundle {
  const parsed = proofBundleSchema.safeParse(decoded);
  if (!parsed.success) throw malformed('has not the parts of version 1');
  const [, changes, header, note, heads, devices, grants, members, nodes] = parsed.data;
  return {
    changes,
    header,
    note: note ?? undefined,
    heads: heads.map(toHeadClaim),
    devices: devices.map(toDeviceClaim),
    grants: grants.map(([resource, subject]) => ({ resource, subject })),
    members: members.map(([role, account]) => ({ role, account })),
    nodes,
  };
}

function toHeadClaim(item: Parts[4][number]): HeadClaim {
  const [resource] = item;
  if (item.length === 1) return { resource, head: undefined };
  const [, version, digest, group, status] = item;
  return { resource, head: { version, digest, group, status } };
}

function toDeviceClaim(item: Parts[5][number]): DeviceClaim {
  const [account] = item;
  if (item.length === 1) return { account, device: undefined };
  const [, kind, group, status, profile] = item;
  return { account, device: { kind, group, status, profile } };
}
