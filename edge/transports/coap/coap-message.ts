/** An option of a message: its number (RFC 7252 section 12.2) and its bytes. */
export interface CoapOption {
  readonly number: number;
  readonly value: Uint8Array;
}

/** What a message is beside its content; ids belong to the message layer, tokens tie an answer to its question. */
export interface CoapMessage {
  readonly type: 'CON' | 'NON' | 'ACK' | 'RST';
  /** As on the wire: the class in the upper three bits, so that 2.05 is 0x45; 0 is an empty message. */
  readonly code: number;
  readonly id: number;
  readonly token: Uint8Array;
  readonly options: readonly CoapOption[];
  readonly payload: Uint8Array;
}

/** Methods and the one answer that a GET hopes for (RFC 7252 section 12.1). */
export const coapCodes = { GET: 0x01, POST: 0x02, PUT: 0x03, CONTENT: 0x45 } as const;

/** The options that are spoken here (RFC 7252 section 12.2, RFC 7641 section 2, RFC 7959 section 2.1). */
export const coapOptions = {
  uriHost: 3,
  observe: 6,
  etag: 4,
  uriPath: 11,
  contentFormat: 12,
  uriQuery: 15,
  accept: 17,
  block2: 23,
  block1: 27,
} as const;

/** Nothing: an empty token or payload. */
export const NO_BYTES = new Uint8Array(0);

/** A code as people write it, as in `4.04`. */
export function codeText(code: number): string {
  return `${code >> 5}.${String(code & 31).padStart(2, '0')}`;
}

/** An unsigned number as an option's bytes: as few as hold it, none for 0 (RFC 7252 section 3.2). */
export function uintOption(number: number, { value }: { readonly value: number }): CoapOption {
  const hex = value === 0 ? '' : value.toString(16);
  return { number, value: Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex') };
}

/** The unsigned number that the first option of this number holds; undefined where it is missing or over 4 bytes. */
export function uintOf(options: readonly CoapOption[], number: number): number | undefined {
  const value = options.find((option) => option.number === number)?.value;
  if (value === undefined || value.length > 4) return undefined;
  return value.reduce((sum, byte) => sum * 256 + byte, 0);
}
