import { DewproofError } from '../../core/errors.ts';
import { MAX_SECRET_BYTES } from '../../core/secrets/secret-content.ts';
import { promptSecret } from '../home/prompt-secret.ts';
import { readNamedFile } from '../home/read-named-file.ts';
import { readStdin } from '../home/read-stdin.ts';

// Room for a line end, which does not count.
const limits = { maxBytes: MAX_SECRET_BYTES + 2, tooLarge: 'SCHEMA' } as const;

/**
 * Reads a secret's value from a file, a pipe, or the terminal (twice, without echo); one line end at its end is left
 * out. No error quotes it. @throws SCHEMA (empty, too long, no UTF-8), USAGE (cancelled, typed differently)
 */
export async function readSecretValue({ file, name }: { file: string | undefined; name: string }): Promise<string> {
  if (file === undefined && process.stdin.isTTY) return promptTwice(name);
  const bytes = file === undefined ? await readStdin(limits) : await readNamedFile(file, limits);
  return verifyLength(decode(bytes).replace(/\r?\n$/, ''));
}

async function promptTwice(name: string): Promise<string> {
  const value = await promptSecret(`Value of ${name}: `);
  if ((await promptSecret('Again: ')) === value) return verifyLength(value);
  throw new DewproofError('USAGE', 'The two values differ; run the command again.');
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new DewproofError('SCHEMA', 'The value is not UTF-8; encode it as text first (with base64, say).');
  }
}

function verifyLength(value: string): string {
  const length = Buffer.byteLength(value);
  if (length === 0 || length > MAX_SECRET_BYTES) throw badLength();
  return value;
}

function badLength(): DewproofError {
  return new DewproofError(
    'SCHEMA',
    `A secret's value has 1 to ${MAX_SECRET_BYTES} bytes; give it on stdin or in a file.`,
  );
}
