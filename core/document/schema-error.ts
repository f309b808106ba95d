import type { z } from 'zod';
import { DewproofError } from '../errors.ts';
import { printable } from './printable.ts';

const MAX_ISSUES = 5;

/** One thing that is wrong with a document: where, and what was expected. */
export interface DocumentIssue {
  readonly path: string;
  readonly message: string;
}

/** Turns zod's findings into a SCHEMA error that names the first few paths; all of it is bounded and printable. */
export function schemaError(what: string, error: z.ZodError): DewproofError {
  const issues = error.issues.flatMap((issue) => issuesOf(issue, [])).slice(0, MAX_ISSUES);
  const text = issues.map(({ path, message }) => `${path}: ${message}`).join('; ');
  return new DewproofError('SCHEMA', `The ${what} is not valid: ${text}. Correct it and try again.`, {
    details: { issues },
  });
}

function issuesOf(issue: z.core.$ZodIssue, base: readonly PropertyKey[]): DocumentIssue[] {
  const path = [...base, ...issue.path];
  const branch = issue.code === 'invalid_union' ? nearest(issue.errors) : undefined;
  if (branch !== undefined) return branch.flatMap((inner) => issuesOf(inner, path));
  return [{ path: printable(pathText(path)), message: printable(issue.message) }];
}

/** Of several forms that something could have had, the one it misses least: its complaints help, the others' don't. */
function nearest(branches: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] | undefined {
  const [first, ...rest] = branches.toSorted((a, b) => a.length - b.length);
  return first !== undefined && rest.length > 0 ? first : undefined;
}

function pathText(path: readonly PropertyKey[]): string {
  const parts = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`));
  return parts.join('').replace(/^\./, '') || 'document';
}
