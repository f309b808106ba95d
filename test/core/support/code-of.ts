import { DewproofError, type ErrorCode } from '../../../core/errors.ts';

/** The code that `action` is refused with; undefined where it is not refused. Other errors pass through. */
export function codeOf(action: () => unknown): ErrorCode | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof DewproofError) return error.code;
    throw error;
  }
}
