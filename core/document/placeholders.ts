/** What an address may leave open: `{binding}` (of the device's profile), `{device}` (its account), `{group}`. */
export const placeholders = ['binding', 'device', 'group'] as const;
export type Placeholder = (typeof placeholders)[number];

const BRACED = /\{([^{}]*)\}/g;

/** Puts what `valueOf` answers in the place of every placeholder; other braces stay as they are. */
export function fillPlaceholders(address: string, valueOf: (placeholder: Placeholder) => string): string {
  return address.replace(BRACED, (braced, word: string) => {
    const placeholder = placeholders.find((known) => known === word);
    return placeholder === undefined ? braced : valueOf(placeholder);
  });
}

/** Tells whether all braces of `address` belong to placeholders that we know. */
export function hasKnownPlaceholders(address: string): boolean {
  return !/[{}]/.test(fillPlaceholders(address, () => ''));
}
