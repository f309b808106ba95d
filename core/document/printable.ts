const MAX_LENGTH = 160;

/**
 * Text of a document's own, fit for an error message: keys and scalars may be long and may hold terminal escapes
 * that would rewrite what an operator reads.
 */
export function printable(text: string): string {
  const start = text.slice(0, MAX_LENGTH).replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '�');
  return text.length > MAX_LENGTH ? `${start}…` : start;
}
