import type { Scalar } from '../../../core/document/scalar.ts';
import type { GuestError } from './guest-error.ts';
import type { ScriptLimits } from './script-limits.ts';

/** What a script may know of itself. */
export interface GuestConfig {
  readonly resource: { readonly tenant: string; readonly name: string; readonly version: number };
  readonly inputs: readonly string[];
  /** Where time does not pass by itself: dates and chance come from the host. */
  readonly isVirtual: boolean;
}

/** An event for a handler; `id` is answered with `ended`. */
export type GuestEvent =
  | { readonly kind: 'start'; readonly id: number }
  | {
      readonly kind: 'reading';
      readonly id: number;
      readonly input: string;
      readonly time: number;
      readonly value: Scalar;
    }
  | { readonly kind: 'view'; readonly id: number; readonly view: string; readonly query: unknown };

/** A refusal as a script sees it. */
export interface GuestRefusal {
  readonly code: string;
  readonly message: string;
}

/** What the host tells a worker; `script` numbers the scripts of a worker. */
export type ToWorker =
  | {
      readonly kind: 'load';
      readonly script: number;
      readonly source: string;
      readonly limits: ScriptLimits;
      readonly config: GuestConfig;
    }
  | { readonly kind: 'activate'; readonly script: number }
  | { readonly kind: 'events'; readonly script: number; readonly events: readonly GuestEvent[] }
  /** The answer to a host call, as JSON of a `GuestAnswer`. */
  | { readonly kind: 'answer'; readonly script: number; readonly json: string }
  | { readonly kind: 'unload'; readonly script: number }
  | { readonly kind: 'ping'; readonly id: number };

/** The answer to a host call: a value, a refusal, or neither where there is nothing. */
export interface GuestAnswer {
  readonly kind: 'answer';
  readonly call: number;
  readonly value?: unknown;
  readonly error?: GuestRefusal;
}

/** How an event ended: with a value as JSON, with an error, or dropped. */
export type Ending = { readonly json: string } | { readonly error: GuestError } | { readonly dropped: string };

/** What a worker tells the host; every text of a script's own in it is bounded. */
export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'loaded'; readonly script: number }
  | { readonly kind: 'refused'; readonly script: number; readonly error: GuestError }
  | { readonly kind: 'call'; readonly script: number; readonly call: number; readonly json: string }
  | { readonly kind: 'log'; readonly script: number; readonly json: string }
  | { readonly kind: 'ended'; readonly script: number; readonly id: number; readonly ending: Ending }
  | { readonly kind: 'count'; readonly script: number; readonly reason: string }
  /** It can't be entered again, and is gone from the worker. */
  | { readonly kind: 'broke'; readonly script: number; readonly reason: string; readonly message: string }
  | { readonly kind: 'pong'; readonly id: number };
