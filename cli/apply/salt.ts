import { randomBytes } from 'node:crypto';

/** 32 random bytes as base64url: what a document says must not be guessed from its digest. */
export function newSalt(): string {
  return randomBytes(32).toString('base64url');
}
