import type { Bytes32 } from '../digest.ts';
import type { DewproofError } from '../errors.ts';
import type { LedgerIdentity } from '../ledger/records.ts';

/** A block of a node's own chain and the one that it follows. */
export interface LinkedBlock {
  readonly height: bigint;
  readonly hash: Bytes32;
  readonly parentHash: Bytes32;
}

/** A block that a witness decided to sign; `signedAt` in Unix seconds. */
export interface SignedHead {
  readonly height: bigint;
  readonly hash: Bytes32;
  readonly signedAt: bigint;
}

/** Which chain a witness signs for. */
export type WitnessedChain = Pick<LedgerIdentity, 'chain' | 'genesis'>;

/** What a witness's node says of its chain at one moment. */
export interface NodeReading extends WitnessedChain {
  /** The height of the node's newest block. */
  readonly latest: bigint;
  /** The block at the height that was signed last; undefined where none was, or where the chain is not that long. */
  readonly atSigned: LinkedBlock | undefined;
  /** Blocks above the signed one that are deep enough, ascending without a gap up to the newest of them. */
  readonly blocks: readonly LinkedBlock[];
}

/** The operator's own node. */
export interface WitnessNode {
  /** @throws LEDGER_UNAVAILABLE, LEDGER_BEHIND, PROOF_INVALID (a header that no device could check) */
  read(question: { readonly signed: SignedHead | undefined; readonly signal: AbortSignal }): Promise<NodeReading>;
}

/** The node's chain lost a block that the witness had signed; `seenAt` in Unix seconds. */
export interface Contradiction {
  readonly height: bigint;
  readonly signedHash: Bytes32;
  readonly nodeHash: Bytes32;
  readonly seenAt: bigint;
}

/** All that a witness must never forget. */
export interface WitnessRecords {
  readonly chain: WitnessedChain | undefined;
  /** Ascending; the last is the newest, the others are kept so that witnesses meet at one height. */
  readonly heads: readonly SignedHead[];
  readonly contradictions: readonly Contradiction[];
}

/** What is added to the records; a head replaces that of its height. */
export type WitnessChange = Partial<WitnessRecords>;

/** Where a witness keeps its records. */
export interface WitnessMemory {
  /** What was there when it was opened. */
  readonly loaded: WitnessRecords;
  /** On disk (fsync), all of it or nothing, when it returns. @throws DISK_FULL, STORE_CORRUPT */
  write(change: WitnessChange): Promise<void>;
}

/** How a witness stands, for its operator. */
export interface WitnessStanding {
  readonly name: string;
  readonly publicKey: Bytes32;
  readonly chain: WitnessedChain | undefined;
  readonly signed: SignedHead | undefined;
  /** The node's newest height, where it was read. */
  readonly latest: bigint | undefined;
  readonly contradictions: readonly Contradiction[];
  /** Why the last look at the node came to nothing. */
  readonly trouble: DewproofError | undefined;
}

/** What a witness's faces serve: signed notes (https://c2sp.org/signed-note) as text. */
export interface NoteSource {
  /** The note on the newest block signed. @throws LEDGER_BEHIND (none yet), EQUIVOCATION, WRONG_CHAIN */
  latest(): string;
  /** The note on the block of one height; undefined where it is not kept. @throws as `latest` */
  at(height: bigint): string | undefined;
  /** Signs a caller's nonce (32 bytes) with the time and the newest block signed. @throws as `latest` */
  answer(nonce: Bytes32): string;
  standing(): WitnessStanding;
}
