import type { Bytes32 } from '../../../core/digest.ts';
import type { NotedBlock } from './note-body.ts';

/** A caller's nonce, and the newest block that the witness signed. */
export interface NotedNonce extends NotedBlock {
  /** 32 bytes. */
  readonly nonce: Bytes32;
}

/**
 * The text that a witness signs for a caller's nonce: a C2SP checkpoint as `noteBody`'s with the nonce as its extension
 * line (https://c2sp.org/tlog-checkpoint). Its origin is another one, so that it never passes for a note on a block.
 */
export function nonceBody({ chain, genesis, height, hash, nonce }: NotedNonce): string {
  const [root, extension] = [hash, nonce].map((bytes) => Buffer.from(bytes.slice(2), 'hex').toString('base64'));
  return `dewproof/nonce/v1/${chain}/${genesis}\n${height}\n${root ?? ''}\n${extension ?? ''}\n`;
}
