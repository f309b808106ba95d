import { NO_BYTES, type CoapMessage, type CoapOption } from './coap-message.ts';

const TYPES = ['CON', 'NON', 'ACK', 'RST'] as const;
const MAX_OPTIONS = 64;

/**
 * A datagram as a message; undefined where it is none (RFC 7252 section 3), since anybody can send anything and what is
 * malformed is silently ignored.
 */
export function parseMessage(bytes: Uint8Array): CoapMessage | undefined {
  const [first = 0, code = 0, high = 0, low = 0] = bytes;
  const tokenLength = first & 15;
  const type = TYPES[(first >> 4) & 3];
  if (bytes.length < 4 + tokenLength || first >> 6 !== 1 || tokenLength > 8 || type === undefined) return undefined;
  // An empty message is four bytes and nothing else (section 4.1).
  if (code === 0 && bytes.length > 4) return undefined;
  const rest = parseRest(bytes.subarray(4 + tokenLength));
  return rest && { type, code, id: high * 256 + low, token: bytes.subarray(4, 4 + tokenLength), ...rest };
}

function parseRest(bytes: Uint8Array): Pick<CoapMessage, 'options' | 'payload'> | undefined {
  const options: CoapOption[] = [];
  let at = 0;
  let number = 0;
  while (at < bytes.length) {
    const head = bytes[at] ?? 0;
    at += 1;
    if (head === 0xff) {
      // A marker before no payload is an error (section 3).
      return at < bytes.length ? { options, payload: bytes.subarray(at) } : undefined;
    }
    const delta = extended(bytes, { nibble: head >> 4, at });
    if (delta === undefined) return undefined;
    const length = extended(bytes, { nibble: head & 15, at: delta.at });
    if (length === undefined || length.at + length.value > bytes.length) return undefined;
    number += delta.value;
    at = length.at + length.value;
    if (number > 65_535 || options.length === MAX_OPTIONS) return undefined;
    options.push({ number, value: bytes.subarray(length.at, at) });
  }
  return { options, payload: NO_BYTES };
}

/** A delta or a length (section 3.1): 13 and 14 say that one or two more bytes follow, 15 is reserved. */
function extended(bytes: Uint8Array, { nibble, at }: { nibble: number; at: number }) {
  if (nibble < 13) return { value: nibble, at };
  const [high, low] = [bytes[at], bytes[at + 1]];
  if (nibble === 13) return high === undefined ? undefined : { value: high + 13, at: at + 1 };
  if (nibble === 15 || high === undefined || low === undefined) return undefined;
  return { value: high * 256 + low + 269, at: at + 2 };
}
