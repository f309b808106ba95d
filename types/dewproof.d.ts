// For authors of scripts: a jsconfig.json that includes this file (docs/scripts.md).

/** The module that a script imports; there is no other. What the document does not name, every call here refuses. */
declare module 'dewproof' {
  /** What an input takes in: numbers are finite. */
  export type Scalar = number | boolean | string;
  /** What the store holds and actions take. */
  export type Json = null | Scalar | readonly Json[] | { readonly [key: string]: Json };

  /** A value of an input or action; `time` in milliseconds since the Unix epoch, as `Date.now()`. */
  export interface Reading {
    readonly time: number;
    /** A `Scalar`; which one, the input's `payload.type` says, and no compiler knows it. */
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as JSON.parse
    readonly value: any;
  }

  /** What `onReading` is told. */
  export interface ReadingEvent extends Reading {
    /** The id of an input of the document. */
    readonly input: string;
  }

  /** A refusal: `code` is one of Dewproof's, as in NOT_FOUND or FORBIDDEN; messages may change, codes do not. */
  export interface HostError extends Error {
    readonly code: string;
  }

  /** What a script may export; each is optional, and may be async. */
  export interface Script {
    /** Called when this version takes over, and again where the script had to be started anew. */
    onStart?(): unknown;
    /** Called for each reading, one after the other: the next when the last one's promise settled. */
    onReading?(event: ReadingEvent): unknown;
    /** Answers the views that the document declares as `computed`; `query` as the caller wrote it. */
    view?(id: string, query: Readonly<Record<string, unknown>>): unknown;
  }

  /** Whose script this is. */
  export const resource: { readonly tenant: string; readonly name: string; readonly version: number };

  export const inputs: {
    /** The ids of the document's inputs. */
    ids(): string[];
    /** The latest reading of an input or action. Fails: NOT_FOUND */
    latest(id: string): Promise<Reading | undefined>;
    /** Readings, oldest first, at most 1,000: `from` (included) to `to` (excluded, now by default). Fails: NOT_FOUND */
    range(
      id: string,
      range?: { readonly from?: number | Date; readonly to?: number | Date },
    ): Promise<readonly Reading[]>;
  };

  export const views: {
    /** What a view of this resource answers. Fails: NOT_FOUND, SCHEMA */
    read(id: string, query?: Readonly<Record<string, string | number | Date>>): Promise<unknown>;
  };

  /** The resource's own keys and values: they outlive versions and restarts, and are on disk within about a second. */
  export const store: {
    get(key: string): Promise<Json | undefined>;
    /** At most 1,000 keys of 256 bytes, values of 16 KiB, 1 MiB together. Fails: SCHEMA, TOO_DEEP, DISK_FULL */
    put(key: string, value: Json): Promise<void>;
    delete(key: string): Promise<void>;
    /** Sorted. */
    keys(): Promise<readonly string[]>;
  };

  export const actions: {
    /** Does an action of the document. Fails: NOT_FOUND, SCHEMA (the value), UNHEALTHY, TIMEOUT */
    invoke(id: string, value?: Json): Promise<void>;
  };

  export const secrets: {
    /** The value of a secret that the document names. Fails: NOT_FOUND */
    get(name: string): Promise<string>;
  };

  /** What an HTTP server answered. */
  export interface Response {
    readonly status: number;
    /** Whether the status is one of 200 to 299. */
    readonly ok: boolean;
    /** Names in lower case. */
    readonly headers: Readonly<Record<string, string>>;
    text(): Promise<string>;
    json(): Promise<unknown>;
  }

  /**
   * Asks an address under one of the document's `outbound`. Redirects are answers: they are not followed. Bodies have
   * at most 64 KiB on the way out and 128 KiB on the way in. Fails: FORBIDDEN, TIMEOUT, ENDLESS_DATA, SLOW_RETRIEVAL, UNHEALTHY
   */
  export function fetch(
    url: string,
    options?: {
      readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    },
  ): Promise<Response>;

  /** The device's log; `console.debug`, `log`, `info`, `warn` and `error` write there too. */
  export const log: {
    debug(...values: readonly unknown[]): void;
    info(...values: readonly unknown[]): void;
    warn(...values: readonly unknown[]): void;
    error(...values: readonly unknown[]): void;
  };

  /** At most 32 timers at once; a timeout waits for at least 10 ms, an interval for 100 ms. */
  export function setTimeout<Args extends unknown[]>(
    call: (...args: Args) => unknown,
    ms?: number,
    ...args: Args
  ): number;
  export function setInterval<Args extends unknown[]>(
    call: (...args: Args) => unknown,
    ms: number,
    ...args: Args
  ): number;
  export function clearTimeout(id: number | undefined): void;
  export function clearInterval(id: number | undefined): void;
}

interface Console {
  debug(...values: readonly unknown[]): void;
  log(...values: readonly unknown[]): void;
  info(...values: readonly unknown[]): void;
  warn(...values: readonly unknown[]): void;
  error(...values: readonly unknown[]): void;
}
// eslint-disable-next-line no-var -- as others declare it too
declare var console: Console;
