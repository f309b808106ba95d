import { destination, multistream, pino, stdSerializers, type Logger } from 'pino';
import type { LogRing } from './log-ring.ts';

/** A daemon's structured log. */
export type Log = Logger;

const SECRETS = ['password', 'privateKey', 'secret', 'authorization', 'signature', 'cookie'];
// Pino's wildcard stands for one level; nothing that we log is deeper.
const REDACTED = SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/**
 * Opens a log of JSON lines on stderr, which leaves stdout to data; passwords, keys and signatures are blotted out.
 * `ring` gets the same lines, for an operator who asks the running daemon.
 */
export function openLog({
  name,
  level = 'info',
  ring,
}: {
  readonly name: string;
  readonly level?: string;
  readonly ring?: LogRing;
}): Log {
  const stderr = destination({ fd: 2, sync: true });
  if (ring === undefined) return createLog({ name, level }, stderr);
  // The streams' own threshold is the lowest: the log's decides.
  const streams = [stderr, ring].map((stream) => ({ stream, level: 'trace' as const }));
  return createLog({ name, level }, multistream(streams));
}

/** A log of JSON lines to `to`; a test reads them there. */
export function createLog(
  { name, level }: { readonly name: string; readonly level: string },
  to: { write(line: string): void },
): Log {
  const serializers = { error: stdSerializers.err };
  return pino({ name, level, serializers, redact: { paths: REDACTED, censor: '[redacted]' } }, to);
}
