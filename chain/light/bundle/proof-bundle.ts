import { z } from 'zod';
import { MAX_CHANGES, MAX_FACTS, MAX_NODES } from './limits.ts';

const bytes = z.instanceof(Uint8Array);
const bytes32 = bytes.refine((value) => value.length === 32, 'expected 32 bytes');
const address = bytes.refine((value) => value.length === 20, 'expected 20 bytes');
const uint64 = z
  .union([z.number().int().nonnegative(), z.bigint().nonnegative()])
  .transform(BigInt)
  .refine((value) => value < 2n ** 64n);
/** A number of a Solidity enum; 0 is "none" in all of ours. */
const enumNumber = z.number().int().min(1).max(255);

const head = z.union([z.tuple([bytes32]), z.tuple([bytes32, uint64, bytes32, bytes32, enumNumber])]);
const device = z.union([z.tuple([address]), z.tuple([address, enumNumber, bytes32, enumNumber, bytes32])]);

/**
 * A bundle's parts, in the order in which they are written. A head or device of one element is claimed to be absent;
 * one with its preimage is claimed to be present; of grants and members the slot itself tells.
 */
export const proofBundleSchema = z.tuple([
  z.literal(1),
  /** Headers that changed the set of validators since the anchor, oldest first (RLP). */
  z.array(bytes).max(MAX_CHANGES),
  /** The header of the block that is proved (RLP). */
  bytes,
  /** The witnesses' signed note on it; null where its seals vouch for it. */
  bytes.nullable(),
  /** [resource, version, digest, group, status] */
  z.array(head).max(MAX_FACTS),
  /** [account, kind, group, status, profile] */
  z.array(device).max(MAX_FACTS),
  /** [resource, subject] */
  z.array(z.tuple([bytes32, bytes32])).max(MAX_FACTS),
  /** [role, account] */
  z.array(z.tuple([bytes32, address])).max(MAX_FACTS),
  /** Trie nodes, each once, in the order in which they are first needed: account, heads, devices, grants, members. */
  z.array(bytes).max(MAX_NODES),
]);

/** A decoded bundle, of which nothing is verified yet. */
export interface ProofBundle {
  readonly changes: readonly Uint8Array[];
  readonly header: Uint8Array;
  readonly note: Uint8Array | undefined;
  readonly heads: readonly HeadClaim[];
  readonly devices: readonly DeviceClaim[];
  readonly grants: readonly GrantClaim[];
  readonly members: readonly MemberClaim[];
  readonly nodes: readonly Uint8Array[];
}

/** A resource, and the preimage of its head hash where it has one. */
export interface HeadClaim {
  readonly resource: Uint8Array;
  readonly head:
    | {
        readonly version: bigint;
        readonly digest: Uint8Array;
        readonly group: Uint8Array;
        readonly status: number;
      }
    | undefined;
}

/** An account, and the preimage of its device head where it has one. */
export interface DeviceClaim {
  readonly account: Uint8Array;
  readonly device:
    | { readonly kind: number; readonly group: Uint8Array; readonly status: number; readonly profile: Uint8Array }
    | undefined;
}

/** A grant's keys. */
export interface GrantClaim {
  readonly resource: Uint8Array;
  readonly subject: Uint8Array;
}

/** A membership's keys. */
export interface MemberClaim {
  readonly role: Uint8Array;
  readonly account: Uint8Array;
}
