/** Every code that Dewproof can answer with; codes are stable, messages are not. The README has a row for each. */
export const errorCodes = [
  // Refusals named after the attack they stop (TUF's and Uptane's words).
  'DIGEST_MISMATCH',
  'NOT_APPROVED',
  'REVOKED',
  'ROLLBACK',
  'EQUIVOCATION',
  'FAST_FORWARD',
  'FREEZE',
  'MIX_AND_MATCH',
  'WRONG_GROUP',
  'WRONG_RESOURCE',
  'WRONG_DEVICE',
  'WRONG_CHAIN',
  'PROOF_INVALID',
  'QUORUM',
  'NOT_PROVED',
  'ENDLESS_DATA',
  'SLOW_RETRIEVAL',
  'REPLAY',
  // Who is asking.
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_ENROLLED',
  'SUSPENDED',
  // What was sent.
  'SCHEMA',
  'TOO_DEEP',
  'CYCLE',
  'UNSUPPORTED',
  'UNBOUND',
  'SECRET_MISSING',
  'NOT_FOUND',
  'NOT_ACCEPTABLE',
  'TOO_MANY',
  'CONFLICT',
  'USAGE',
  // The ledger's own rules.
  'VERSION_NOT_NEWER',
  'VERSION_TOO_FAR',
  'ALREADY_PROPOSED',
  'ALREADY_APPROVED',
  'OWN_PROPOSAL',
  'ALREADY_ENROLLED',
  'ALREADY_REVOKED',
  'ALREADY_ANCHORED',
  'INVALID_TRANSITION',
  'INVALID_GRANT',
  'NO_GRANT',
  'NO_MEMBER',
  'NOT_PERMITTED',
  'EMPTY_BATCH',
  // The world around.
  'LEDGER_UNAVAILABLE',
  'LEDGER_BEHIND',
  'LEDGER_REJECTED',
  'DEW_UNAVAILABLE',
  'BROKER_UNAVAILABLE',
  'LINK_MISSING',
  'SENSOR_UNAVAILABLE',
  'ACTUATOR_FAILED',
  'UNHEALTHY',
  'SCRIPT_ERROR',
  'DISK_FULL',
  'STORE_CORRUPT',
  'STORE_LOCKED',
  'PORT_IN_USE',
  'WRONG_PASSWORD',
  'KEY_MISSING',
  'CONFIG',
  'TIMEOUT',
  'DAEMON_UNAVAILABLE',
  'INTERNAL',
] as const;

/** A stable error code. */
export type ErrorCode = (typeof errorCodes)[number];

/** An error with a stable code, a message that says what happened and what to do, and facts for logs. */
export class DewproofError extends Error {
  override readonly name = 'DewproofError';
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: Record<string, unknown> } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** Tells whether `error` is a DewproofError, with any of `codes` where some are given. */
export function hasCode(error: unknown, ...codes: readonly ErrorCode[]): error is DewproofError {
  return error instanceof DewproofError && (codes.length === 0 || codes.includes(error.code));
}
