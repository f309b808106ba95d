import type { anchors } from './anchors.ts';
import type { FiledBytes, FiledVector } from '../vector.ts';

type Filed<Kind> = Extract<FiledVector, Kind>;
type FiledBundle = Filed<{ bundle: unknown }>;
type FiledStart = NonNullable<FiledBundle['start']>;

/** A vector as a family writes it: bytes as bytes, and `expect` with the check, as in `PROOF_INVALID/seal-twice`. */
export interface Draft {
  readonly name: string;
  readonly attack: string;
  readonly source?: string;
  readonly expect: string;
  /** Which of the named anchors, and what is other in it. */
  readonly anchor?: keyof typeof anchors;
  readonly patch?: Record<string, unknown>;
  readonly bundle?: Uint8Array | FiledBytes;
  readonly now?: bigint;
  readonly lastBlock?: FiledBundle['lastBlock'];
  readonly versions?: FiledBundle['versions'];
  readonly proves?: FiledBundle['proves'];
  readonly start?: Omit<FiledStart, 'document' | 'profile'> & {
    readonly document: Uint8Array | FiledBytes;
    readonly profile?: Uint8Array | FiledBytes;
  };
  readonly call?: FiledBundle['call'];
  /** Older bundles, the newest first. */
  readonly kept?: readonly Uint8Array[];
  readonly offered?: Filed<{ offered: unknown }>['offered'];
  readonly takes?: readonly number[];
  readonly nonce?: string;
  /** What the answers to a nonce prove. */
  readonly toldTime?: Filed<{ answers: unknown }>['proves'];
  readonly answers?: readonly {
    readonly witness: string;
    readonly note: Uint8Array;
    readonly batch?: readonly string[];
  }[];
}

/** A family of vectors; `source` is theirs where they name none. */
export interface Family {
  readonly family: string;
  readonly about: string;
  readonly source: string;
  readonly drafts: readonly Draft[];
}
