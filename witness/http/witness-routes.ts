import type { Request, Response, Router } from 'express';
import { digestOf } from '../../core/digest.ts';
import { DewproofError } from '../../core/errors.ts';
import { MAX_NONCE_BODY_BYTES, parseNonce } from '../../core/wire/witness-nonce.ts';
import type { NoteSource } from '../../core/witness/ports.ts';
import type { Clock } from '../../platform/clock.ts';
import { createApi } from '../../platform/http/api.ts';
import { limitCalls } from '../../platform/http/limit-calls.ts';
import { readBody } from '../../platform/http/read-body.ts';
import { heightSchema, operations } from './operations.ts';

/** What a witness's routes stand on. */
export interface WitnessRoutesDeps {
  readonly notes: NoteSource;
  readonly clock: Clock;
  /** Told of each nonce that was signed. */
  readonly answered: () => void;
}

/** A collector asks for a few heights every few seconds; a whole site may stand behind one address. */
const NOTE_LIMITS = { perSecond: 50, burst: 200, totalPerSecond: 500, totalBurst: 1000 };
/** A device asks once each time that it comes online; each answer costs a signature (0.05 ms). */
const NONCE_LIMITS = { perSecond: 5, burst: 50, totalPerSecond: 100, totalBurst: 500 };
const NONCE_TIMEOUT_MS = 5_000;

/** All that a witness answers, to anyone. */
export function witnessRoutes({ notes, clock, answered }: WitnessRoutesDeps): Router {
  const api = createApi({
    title: 'Dewproof witness',
    description: 'An operator’s witness: it signs blocks of its own node’s chain that are deep enough.',
  });
  const limitNotes = limitCalls(NOTE_LIMITS, { clock });
  const limitNonces = limitCalls(NONCE_LIMITS, { clock });
  api.get('/healthz', operations.healthy, limitNotes, (_request, response) => {
    response.json({ status: 'ok' });
  });
  api.get('/readyz', operations.ready, limitNotes, (_request, response) => {
    const { trouble } = notes.standing();
    if (trouble) throw trouble;
    notes.latest();
    response.json({ status: 'ready' });
  });
  api.get('/v1/notes/latest', operations.latest, limitNotes, (request, response) => {
    sendNote(notes.latest(), { request, response });
  });
  api.get('/v1/notes/:height', operations.atHeight, limitNotes, (request, response) => {
    const height = heightOf(request);
    const note = notes.at(height);
    if (note === undefined)
      throw new DewproofError('NOT_FOUND', `Block ${height} was not signed here, or is not kept.`);
    sendNote(note, { request, response });
  });
  api.post('/v1/nonces', operations.nonce, limitNonces, async (request, response) => {
    const body = await readBody(request, { maxBytes: MAX_NONCE_BODY_BYTES, timeoutMs: NONCE_TIMEOUT_MS });
    const note = notes.answer(parseNonce(body));
    answered();
    response.set('Cache-Control', 'no-store').type('text/plain').send(note);
  });
  return api.router;
}

function sendNote(
  note: string,
  { request, response }: { readonly request: Request; readonly response: Response },
): void {
  response.set({ ETag: `"${digestOf(Buffer.from(note))}"`, 'Cache-Control': 'public, no-cache' });
  if (request.fresh) response.status(304).end();
  else response.type('text/plain').send(note);
}

/** @throws SCHEMA */
function heightOf({ params }: Request): bigint {
  const parsed = heightSchema.safeParse(params['height']);
  if (parsed.success) return BigInt(parsed.data);
  throw new DewproofError('SCHEMA', 'A height is a whole number without leading zeros.');
}
