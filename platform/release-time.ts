/**
 * When this release was made, in milliseconds since the Unix epoch: no device that runs it can be at an earlier time.
 * Raised with every release: a test holds it against the changelog's dates.
 */
export const RELEASED_AT_MS = Date.UTC(2026, 10, 27);
