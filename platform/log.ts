import { destination, pino, stdSerializers, type Logger } from 'pino';

/** A daemon's structured log. */
export type Log = Logger;

const SECRETS = ['password', 'privateKey', 'secret', 'authorization', 'signature', 'cookie'];
// Pino's wildcard stands for one level; nothing that we log is deeper.
const REDACTED = SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/** Opens a log of JSON lines on stderr, which leaves stdout to data; passwords, keys and signatures are blotted out. */
export function openLog({ name, level = 'info' }: { readonly name: string; readonly level?: string }): Log {
  return createLog({ name, level }, destination({ fd: 2, sync: true }));
}

/** A log of JSON lines to `to`; a test reads them there. */
export function createLog(
  { name, level }: { readonly name: string; readonly level: string },
  to: { write(line: string): void },
): Log {
  const serializers = { error: stdSerializers.err };
  return pino({ name, level, serializers, redact: { paths: REDACTED, censor: '[redacted]' } }, to);
}
