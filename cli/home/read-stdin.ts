import { DewproofError } from '../../core/errors.ts';

/** Reads standard input whole, at most `maxBytes` of it. @throws ENDLESS_DATA */
export async function readStdin({ maxBytes }: { readonly maxBytes: number }): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes)
      throw new DewproofError('ENDLESS_DATA', `stdin is larger than ${maxBytes} bytes; shorten it.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
