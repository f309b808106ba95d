import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { RequestHandler, Response } from 'express';
import type { Account } from '../../core/account.ts';
import type { HttpCall, VerifyCall } from '../../core/calls.ts';
import { DewproofError } from '../../core/errors.ts';
import type { BodyBudget } from './body-budget.ts';
import { networkOf } from './network-of.ts';
import { readBody } from './read-body.ts';

/** Who called, and the whole body that the signature covers; `account` is undefined for an unsigned call. */
export interface AuthenticatedCall {
  readonly account: Account | undefined;
  readonly body: Uint8Array;
}

/** Limits of a route, and under which authorities (`host:port`) beside its own addresses the server is known. */
export interface AuthenticateOptions {
  readonly verifyCall: VerifyCall;
  readonly maxBodyBytes: number;
  readonly bodyTimeoutMs?: number;
  /** What bodies count against while they are held: strangers' bodies too are whole before they are judged. */
  readonly bodies?: BodyBudget;
  readonly authorities?: readonly string[];
  /** Hears who signed a call, once that is verified, and from which network. */
  readonly onSigned?: (caller: { readonly account: Account; readonly network: string }) => void;
}

/**
 * Express middleware: reads the capped body, verifies the signature where there is one, and leaves the result for `callOf`.
 * Refuses with UNAUTHENTICATED, REPLAY, and what `readBody` throws.
 */
export function authenticate(options: AuthenticateOptions): RequestHandler {
  const { bodies } = options;
  return async (request, response, next) => {
    const reserve = bodies && { reserve: bodies.reserveFor(response) };
    const limits = { maxBytes: options.maxBodyBytes, ...reserve, ...timeoutOf(options) };
    const body = await readBody(request, limits);
    const headers = plainHeaders(request);
    const signed = 'signature' in headers || 'signature-input' in headers;
    if (signed) verifyAuthority(request, options.authorities ?? []);
    const url = `${request.protocol}://${request.headers.host ?? ''}${request.originalUrl}`;
    const call: HttpCall = { method: request.method, url, headers, body };
    const account = signed ? await options.verifyCall(call) : undefined;
    if (signed && account === undefined)
      throw new DewproofError('UNAUTHENTICATED', 'The signature was not understood.');
    if (account !== undefined) options.onSigned?.({ account, network: networkOf(request.socket.remoteAddress ?? '') });
    response.locals['call'] = { account, body } satisfies AuthenticatedCall;
    next();
  };
}

/** What `authenticate` found for this request; a route that it does not guard is a bug. @throws TypeError */
export function callOf(response: Response): AuthenticatedCall {
  const call = response.locals['call'] as AuthenticatedCall | undefined;
  if (call === undefined) throw new TypeError('This route has no authenticate middleware in front of it.');
  return call;
}

function timeoutOf({ bodyTimeoutMs }: AuthenticateOptions): { timeoutMs?: number } {
  return bodyTimeoutMs === undefined ? {} : { timeoutMs: bodyTimeoutMs };
}

function plainHeaders(request: IncomingMessage): Record<string, string> {
  const entries = Object.entries(request.headers);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** The name that a caller knows this server by, in small letters; its own address where the caller names another. */
export function authorityOf(request: IncomingMessage, known: readonly string[]): string {
  const own = ownAuthorities(request.socket);
  const host = request.headers.host?.toLowerCase() ?? '';
  return known.includes(host) || own.includes(host) ? host : (own[0] ?? host);
}

// A hostile server that was sent a signed call could pass it on to us under its own name: nonces are per server.
function verifyAuthority(request: IncomingMessage, known: readonly string[]): void {
  const host = request.headers.host?.toLowerCase();
  if (host !== undefined && (known.includes(host) || ownAuthorities(request.socket).includes(host))) return;
  throw new DewproofError(
    'UNAUTHENTICATED',
    'The call is signed for another server: address this one by its IP address, or list the name it is called by.',
  );
}

function ownAuthorities({ localAddress = '', localPort = 0 }: Socket): readonly string[] {
  const address = localAddress.replace(/^::ffff:(?=\d+\.)/, '');
  const isLoopback = address === '::1' || address.startsWith('127.');
  const hosts = [address.includes(':') ? `[${address}]` : address, ...(isLoopback ? ['localhost'] : [])];
  return localPort === 80 ? hosts : hosts.map((host) => `${host}:${localPort}`);
}
