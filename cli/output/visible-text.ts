// Controls, and format characters that hide or reorder what a reader sees (CVE-2021-42574).
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/**
 * Shows control characters as `\u001b`: names, documents and errors come from other machines, and an escape sequence
 * among them could rewrite what an approver believes to be approving. In JSON the result means the same.
 */
export function visibleText(text: string): string {
  return text.replaceAll(UNSEEN, (unseen) => unseen.split('').map(escapeUnit).join(''));
}

/** Tells whether `visibleText` would change anything. */
export function hasUnseen(text: string): boolean {
  return text.search(UNSEEN) !== -1;
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
