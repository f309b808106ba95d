/** 1,000 resources cost 700 KB; what claims to be more is refused before a byte of it is read. */
export const MAX_PROOF_BYTES = 4 * 1024 * 1024;
/** Past as many headers on the way from the anchor, a new anchor is due. */
export const MAX_CHANGES = 1024;
/** Of one change: 128 validators, each by seven nodes of its own, and the contract's account. */
export const MAX_CHANGE_NODES = 1024;
/** Of each kind of fact. */
export const MAX_FACTS = 8192;
export const MAX_NODES = 65_536;
/** A bundle is a list of lists of lists. */
export const MAX_CBOR_DEPTH = 3;
export const MAX_CBOR_ITEMS = 200_000;
