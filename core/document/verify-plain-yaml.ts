import type { CST } from 'yaml';
import { DewproofError } from '../errors.ts';
import { MAX_DEPTH } from './limits.ts';
import { tooDeep } from './verify-shape.ts';

const refused: Readonly<Record<string, string>> = {
  alias: 'aliases',
  anchor: 'anchors',
  tag: 'tags',
  directive: 'directives',
};

const collections = new Set(['block-map', 'block-seq', 'flow-collection']);

/** Of one collection: comparing keys for duplicates takes their square (40,000 keys in 199 kB: 44 s). */
const MAX_ITEMS = 1024;

/**
 * Refuses YAML beyond plain data, by its syntax alone and without recursion: aliases (a billion laughs), anchors,
 * tags (other types), directives (YAML 1.1's `yes` and `no`), and nesting that a composer's stack would not survive.
 * @throws SCHEMA, TOO_DEEP
 */
export function verifyPlainYaml(tokens: readonly CST.Token[]): void {
  const pending: { token: CST.Token; depth: number }[] = tokens.map((token) => ({ token, depth: 0 }));
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    verifyToken(next.token);
    const depth = next.depth + (collections.has(next.token.type) ? 1 : 0);
    if (depth > MAX_DEPTH) throw tooDeep();
    for (const token of childrenOf(next.token)) pending.push({ token, depth });
  }
}

function verifyToken(token: CST.Token): void {
  const what = refused[token.type];
  if (what !== undefined) throw new DewproofError('SCHEMA', `A document has no YAML ${what}; write it out.`);
  if ('items' in token && token.items.length > MAX_ITEMS) {
    throw new DewproofError('SCHEMA', `A document has no list of more than ${MAX_ITEMS} entries; split it.`);
  }
}

function childrenOf(token: CST.Token): CST.Token[] {
  switch (token.type) {
    case 'document':
      return [...token.start, ...present(token.value)];
    case 'block-scalar':
      return token.props;
    case 'block-map':
    case 'block-seq':
    case 'flow-collection':
      return token.items.flatMap(partsOf);
    default:
      return [];
  }
}

function partsOf({ start, key, sep, value }: CST.CollectionItem): CST.Token[] {
  return [...start, ...present(key), ...(sep ?? []), ...present(value)];
}

function present(token: CST.Token | null | undefined): CST.Token[] {
  return token ? [token] : [];
}
