import { DewproofError } from '../errors.ts';
import { MAX_DEPTH } from './limits.ts';

/**
 * Refuses what zod should never meet: deep nesting, `__proto__` as a key, text that is not well-formed Unicode.
 * It walks with a list of its own, since a hostile document would exhaust the stack of a recursive one.
 * @throws TOO_DEEP, SCHEMA
 */
export function verifyShape(value: unknown): void {
  const pending = [{ value, depth: 1 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    verifyText(next.value);
    if (typeof next.value !== 'object' || next.value === null) continue;
    if (next.depth > MAX_DEPTH) throw tooDeep();
    for (const [key, child] of Object.entries(next.value)) {
      verifyKey(key);
      pending.push({ value: child, depth: next.depth + 1 });
    }
  }
}

/** The refusal of nesting beyond `MAX_DEPTH`. */
export function tooDeep(): DewproofError {
  return new DewproofError('TOO_DEEP', `The document nests deeper than ${MAX_DEPTH} levels; flatten it.`);
}

function verifyKey(key: string): void {
  verifyText(key);
  if (key === '__proto__') throw new DewproofError('SCHEMA', 'No key may be __proto__; rename or remove it.');
}

function verifyText(value: unknown): void {
  if (typeof value !== 'string' || value.isWellFormed()) return;
  throw new DewproofError('SCHEMA', 'The document has text that is not well-formed Unicode; remove lone surrogates.');
}
