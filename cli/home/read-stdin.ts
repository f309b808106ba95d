import { DewproofError, type ErrorCode } from '../../core/errors.ts';

/** Reads standard input whole, at most `maxBytes` of it. @throws `tooLarge` (ENDLESS_DATA by default) */
export async function readStdin({
  maxBytes,
  tooLarge = 'ENDLESS_DATA',
}: {
  readonly maxBytes: number;
  readonly tooLarge?: ErrorCode;
}): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw new DewproofError(tooLarge, `stdin is larger than ${maxBytes} bytes; shorten it.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
