/** How long Bluetooth may take; all in milliseconds. */
export interface BleTiming {
  /** For an answer of BlueZ's alone, or of a sensor that is connected. */
  readonly answerMs: number;
  /** For a sensor to be found, which may advertise itself each 10 s only. */
  readonly searchMs: number;
  /** For a connection, and then again for its list of services. */
  readonly connectMs: number;
  /** Between two questions whether a sensor is still connected. */
  readonly checkEveryMs: number;
  /** For each goodbye, so that nobody waits for a BlueZ that hangs. */
  readonly closeMs: number;
  /** First and longest wait between tries. */
  readonly retryFirstMs: number;
  readonly retryMostMs: number;
}

/** What devices wait. */
export const bleTiming: BleTiming = {
  answerMs: 10_000,
  searchMs: 30_000,
  connectMs: 30_000,
  checkEveryMs: 5000,
  closeMs: 2000,
  retryFirstMs: 1000,
  retryMostMs: 60_000,
};
