import type { Digest } from '../../core/digest.ts';
import type { VerifiedConfiguration } from '../../core/verify.ts';
import type { ViewQuery } from '../hosts/host.ts';
import type { Reading } from '../readings/reading.ts';
import type { Reach } from '../reach/reach.ts';

/** A reading that came in, told once. */
export interface ReadingEvent extends Reading {
  /** The id of an input. */
  readonly input: string;
}

/** The logic of one version of a resource: a script, or rules. */
export interface Behaviour {
  /** Fails where it does not do its work. */
  probe(signal: AbortSignal): Promise<void>;
  /** From now on it acts: events before this are not told to it. */
  takeOver(): Promise<void>;
  /** Never throws, never waits: what can't be taken now is dropped and counted. */
  deliver(event: ReadingEvent): void;
  /** Answers a view that the document leaves to its logic; undefined where this logic makes none. */
  readonly computeView: ((view: string, query: ViewQuery) => Promise<unknown>) | undefined;
  /** Events and messages that were dropped, by reason. */
  dropped(): Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

/** What logic is started from: nothing but what was verified, and its reach. */
export interface BehaviourStart {
  readonly configuration: VerifiedConfiguration;
  readonly artifacts: ReadonlyMap<Digest, Uint8Array>;
  readonly reach: Reach;
  readonly signal: AbortSignal;
  /** To be called once where it ends by itself. */
  readonly onFailure: (error: Error) => void;
}

/** Starts one kind of logic, standing by. */
export type StartBehaviour = (start: BehaviourStart) => Promise<Behaviour>;
