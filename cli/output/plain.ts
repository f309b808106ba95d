/** What JSON and YAML can say. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

/**
 * The stable form that `-o json` and `-o yaml` print: bigints as decimal strings (JSON's numbers lose digits past
 * 2^53), absent fields left out.
 */
export function toPlain(value: unknown): Plain {
  if (typeof value === 'bigint') return value.toString();
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value === 'object') {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined);
    return Object.fromEntries(fields.map(([key, field]) => [key, toPlain(field)]));
  }
  throw new TypeError(`Output holds a ${typeof value}`);
}
