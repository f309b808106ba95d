import type { Digest } from '../../core/digest.ts';
import type { VerifiedConfiguration } from '../../core/verify.ts';

/** What a caller asks of a view: its query parameters, unparsed. */
export type ViewQuery = Readonly<Record<string, unknown>>;

/** A change of a view: `data` is JSON, `id` orders the events of one view and outlives restarts. */
export interface ViewEvent {
  readonly id: string;
  readonly data: object;
}

/** Where a listener begins: after the event of that id, or with what comes next. */
export interface SubscribeOptions {
  readonly after: string | undefined;
  readonly signal: AbortSignal;
}

/** What a host did so far; `dropped` counts messages by reason. */
export interface HostCounts {
  readonly readings: number;
  readonly dropped: Readonly<Record<string, number>>;
}

/** One version of a resource that runs, or stands by until it takes over. */
export interface Host {
  /** Fails where it does not do its work; the code of a lack around it (broker, disk) says that a restart won't help. */
  probe(signal: AbortSignal): Promise<void>;
  /** From now on it acts alone: its predecessor, if there was one, has stopped. */
  takeOver(): Promise<void>;
  /** Answers JSON. @throws NOT_FOUND, SCHEMA */
  answerView(view: string, query: ViewQuery): Promise<unknown>;
  /**
   * Tells of a view as it changes, until the signal aborts or this version stops; `after` is the last event's id.
   * @throws NOT_FOUND (no such view, or one that is computed when it is asked for), SCHEMA (the id)
   */
  subscribe(view: string, options: SubscribeOptions): AsyncIterable<ViewEvent>;
  /** Does an action. @throws NOT_FOUND, SCHEMA (the value), UNHEALTHY, BROKER_UNAVAILABLE, ACTUATOR_FAILED, UNSUPPORTED, TIMEOUT (it may have acted) */
  act(action: string, value: unknown): Promise<void>;
  /** Takes a message for an input that callers push to; it is on disk when it returns. @throws NOT_FOUND, SCHEMA, ENDLESS_DATA, UNHEALTHY, DISK_FULL */
  push(input: string, message: Uint8Array): Promise<void>;
  counts(): HostCounts;
  stop(): Promise<void>;
}

/** What a host is started from: nothing but what was verified. */
export interface HostStart {
  readonly configuration: VerifiedConfiguration;
  readonly artifacts: ReadonlyMap<Digest, Uint8Array>;
  /**
   * The newest value of a secret that the document names; a later version is the answer from then on, without a restart.
   * @throws NOT_FOUND (the document does not name it), SECRET_MISSING (it was withdrawn)
   */
  readonly secret: (name: string) => Promise<string>;
  readonly signal: AbortSignal;
  /** To be called once where it ends by itself. */
  readonly onFailure: (error: Error) => void;
}

/** Starts one kind of runtime, standing by. */
export type StartHost = (start: HostStart) => Promise<Host>;
