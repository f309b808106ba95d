import type { Scalar } from '../../core/document/scalar.ts';
import type { ViewQuery } from '../hosts/host.ts';
import type { RangePage } from '../readings/read-range.ts';
import type { Reading } from '../readings/reading.ts';

/** A JSON value, at most 16 KiB as text. */
export type Json = null | Scalar | readonly Json[] | { readonly [key: string]: Json };

/** A resource's own keys and values; nobody else's can be named through it. */
export interface KeyValueStore {
  /** Undefined where there is none. */
  get(key: string): Json | undefined;
  /** On disk within about a second. @throws SCHEMA (key or value too large), DISK_FULL (no room for more keys) */
  put(key: string, value: Json): void;
  delete(key: string): void;
  /** Sorted. */
  keys(): readonly string[];
}

/** An HTTP request to one of the addresses that the document names. */
export interface OutboundRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** Its answer, whatever its status; the body was capped. */
export interface OutboundResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A line of a resource's logic for the daemon's log; `source` is which logic it is, for nobody else to take for its own. */
export interface LogicLine {
  readonly source: 'script' | 'rules';
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly text: string;
}

/** What the logic of a resource can reach: what its document names, and nothing else. Every refusal is coded. */
export interface Reach {
  /** The latest reading of an input or action. @throws NOT_FOUND (the document names none) */
  latest(id: string): Reading | undefined;
  /** Readings, oldest first. @throws NOT_FOUND */
  range(query: { readonly id: string; readonly fromMs: number; readonly toMs: number }): Promise<RangePage>;
  /** @throws NOT_FOUND, SCHEMA */
  view(view: string, query: ViewQuery): Promise<unknown>;
  readonly store: KeyValueStore;
  /** Does an action. @throws NOT_FOUND, SCHEMA (the value), UNHEALTHY, BROKER_UNAVAILABLE, ACTUATOR_FAILED, UNSUPPORTED, TIMEOUT (it may have acted) */
  act(action: string, value: unknown): Promise<void>;
  /** @throws FORBIDDEN (not named, or a private address that is not named), TIMEOUT, ENDLESS_DATA, UNHEALTHY */
  fetch(request: OutboundRequest): Promise<OutboundResponse>;
  /** The newest value of a secret that the document names. @throws NOT_FOUND (it names none), SECRET_MISSING (withdrawn) */
  secret(name: string): Promise<string>;
  log(line: LogicLine): void;
}
