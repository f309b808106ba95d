import type { CoapMessage, CoapOption } from './coap-message.ts';

const TYPES = { CON: 0, NON: 1, ACK: 2, RST: 3 } as const;

/** A message as a datagram (RFC 7252 section 3); options may stand in any order. */
export function encodeMessage({ type, code, id, token, options, payload }: CoapMessage): Buffer {
  const parts: Uint8Array[] = [Buffer.from([0x40 | (TYPES[type] << 4) | token.length, code, id >> 8, id & 255]), token];
  let number = 0;
  for (const option of options.toSorted((one, other) => one.number - other.number)) {
    parts.push(encodeHead(option, number), option.value);
    number = option.number;
  }
  if (payload.length > 0) parts.push(Buffer.of(0xff), payload);
  return Buffer.concat(parts);
}

function encodeHead({ number, value }: CoapOption, previous: number): Buffer {
  const [delta, length] = [extended(number - previous), extended(value.length)];
  return Buffer.from([(delta.nibble << 4) | length.nibble, ...delta.more, ...length.more]);
}

function extended(value: number): { nibble: number; more: readonly number[] } {
  if (value < 13) return { nibble: value, more: [] };
  if (value < 269) return { nibble: 13, more: [value - 13] };
  return { nibble: 14, more: [(value - 269) >> 8, (value - 269) & 255] };
}
