import { z } from 'zod';
import { DewproofError, errorCodes } from '../errors.ts';
import { statusOfCode } from './problem-status.ts';

/** The media type of a problem (RFC 9457). */
export const PROBLEM_TYPE = 'application/problem+json';

/** A problem as HTTP carries it (RFC 9457); readers pass over members they don't know, as the RFC asks. */
export const problemSchema = z.object({
  type: z.string().max(256),
  title: z.string().max(256),
  status: z.int().min(400).max(599),
  detail: z.string().max(4096),
  code: z.enum(errorCodes),
});

/** A refusal or failure as HTTP carries it. */
export type Problem = Readonly<z.infer<typeof problemSchema>>;

/** The problem that an error is; of what was not foreseen it tells nothing, since the caller may be an attacker. */
export function problemOf(error: unknown): Problem {
  const known =
    error instanceof DewproofError
      ? error
      : new DewproofError('INTERNAL', 'Something went wrong here; the log of this server says what.');
  return {
    type: `urn:dewproof:problem:${known.code.toLowerCase().replaceAll('_', '-')}`,
    title: known.code,
    status: statusOfCode[known.code],
    detail: known.message.slice(0, 4096),
    code: known.code,
  };
}

/** Reads a problem that a server answered with; its `code` is the server's claim. @throws SCHEMA */
export function parseProblem(value: unknown): Problem {
  const parsed = problemSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new DewproofError('SCHEMA', 'The server answered with something that is no problem of ours (RFC 9457).');
}
