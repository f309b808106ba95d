import { coapOptions, uintOf, uintOption, type CoapOption } from './coap-message.ts';

/** Which block of an answer this is (RFC 7959 section 2.2); `exponent` is that of its size in bytes, less 4. */
export interface Block {
  readonly number: number;
  readonly hasMore: boolean;
  readonly exponent: number;
}

/** The block that an answer says it is; undefined where it is whole or says nonsense. */
export function blockOf(options: readonly CoapOption[]): Block | undefined {
  const value = uintOf(options, coapOptions.block2);
  if (value === undefined || value > 0xff_ff_ff || (value & 7) === 7) return undefined;
  return { number: value >> 4, hasMore: (value & 8) !== 0, exponent: value & 7 };
}

/** The option that asks for one block. */
export function blockOption({ number, exponent }: Pick<Block, 'number' | 'exponent'>): CoapOption {
  return uintOption(coapOptions.block2, { value: (number << 4) | exponent });
}
