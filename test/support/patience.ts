/**
 * How long a test waits for what must come true, in milliseconds. Where it does come true, patience costs nothing; a
 * machine that does other work too may need much of it.
 */
export const PATIENCE_MS = 45_000;
