import { DewproofError, hasCode, type ErrorCode } from '../core/errors.ts';

/** `error` where it has a code already; else one that says what failed, `error` its cause. */
export function codedError(
  error: unknown,
  unforeseen: { readonly code: ErrorCode; readonly what: string },
): DewproofError {
  if (hasCode(error)) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new DewproofError(unforeseen.code, `${unforeseen.what}: ${reason}`, { cause: error });
}
