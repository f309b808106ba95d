/** The most bytes of a script's source. */
export const MAX_SOURCE_BYTES = 524_288;
/** The most UTF-16 units of JSON that a script hands to the host in one call. */
export const MAX_CALL_LENGTH = 65_536;
/** The most UTF-16 units of JSON that a computed view answers with. */
export const MAX_VIEW_LENGTH = 262_144;
/** The most UTF-16 units of JSON that the host hands to a script. */
export const MAX_ANSWER_LENGTH = 262_144;
/** The most host calls that a script waits for at once. */
export const MAX_CALLS = 64;
/** The most timers of a script. */
export const MAX_TIMERS = 32;
/** What shorter timeouts and intervals are raised to, so that timers alone can't keep a processor busy. */
export const MIN_TIMEOUT_MS = 10;
export const MIN_INTERVAL_MS = 100;
/** The most memory that a document can give to a script. */
export const MAX_MEMORY_MIB = 512;

/** What keeps one script from costing the device more than its document says; tests shorten times. */
export interface ScriptLimits {
  /** Of the interpreter's heap. */
  readonly memoryMiB: number;
  /** Processor time of one turn: an event, a timer, an answer of the host. */
  readonly cpuMs: number;
  /** Processor time of a minute. */
  readonly cpuMsPerMinute: number;
  /** How long a handler may wait for its promises before the next event is told. */
  readonly handlerMs: number;
  /** How long a caller waits for a computed view. */
  readonly viewMs: number;
}

/** How long the interpreter may give no sign within a turn: then it is in native code, where nothing can stop it but the end of its thread. */
export const STUCK_MS = 3_000;

/** The codes that a script may answer the caller of a view with: what was asked for is not there, or asked wrongly. */
export const callersCodes = ['NOT_FOUND', 'SCHEMA'] as const;
