/**
 * A header (RLP) that changed the set of validators; where a contract names them, with the trie nodes that prove whom:
 * each once, in the order in which they are first needed (the contract's account, the array's length, its elements).
 */
export type SetChange = Uint8Array | readonly [header: Uint8Array, ...nodes: Uint8Array[]];

/**
 * A decoded bundle, of which nothing is verified yet; its parts are in the order in which they are written. A head or
 * device without its preimage is claimed to be absent; of grants and members the slot itself tells.
 */
export interface ProofBundle {
  /** What changed the set of validators since the anchor, oldest first. */
  readonly changes: readonly SetChange[];
  /** The header of the block that is proved (RLP). */
  readonly header: Uint8Array;
  /** The witnesses' signed note on it; undefined where its seals vouch for it. */
  readonly note: Uint8Array | undefined;
  readonly heads: readonly HeadClaim[];
  readonly devices: readonly DeviceClaim[];
  readonly grants: readonly GrantClaim[];
  readonly members: readonly MemberClaim[];
  /** Trie nodes, each once, in the order in which they are first needed: account, heads, devices, grants, members. */
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
