import type { Plain } from '../output/plain.ts';

/** One place where two documents differ, as a JSON pointer (RFC 6901); a side that lacks it is left out. */
export interface FieldChange {
  readonly path: string;
  readonly from?: Plain;
  readonly to?: Plain;
}

/** Every place where two documents differ, as deep as can be told; lists are compared place by place. */
export function fieldChanges(
  { from, to }: { readonly from: Plain | undefined; readonly to: Plain | undefined },
  path = '',
): readonly FieldChange[] {
  if (isTree(from) && isTree(to) && Array.isArray(from) === Array.isArray(to)) {
    const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])];
    return keys.flatMap((key) => fieldChanges({ from: at(from, key), to: at(to, key) }, `${path}/${escape(key)}`));
  }
  if (from === to) return [];
  return [{ path, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }];
}

function isTree(value: Plain | undefined): value is Exclude<Plain, string | number | boolean | null> {
  return typeof value === 'object' && value !== null;
}

function at(tree: object, key: string): Plain | undefined {
  return Object.hasOwn(tree, key) ? (tree as Readonly<Record<string, Plain>>)[key] : undefined;
}

function escape(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
