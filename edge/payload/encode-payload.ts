import { encode } from 'cborg';
import type { PayloadSpec } from '../../core/document/schema.ts';
import type { Scalar } from '../../core/document/scalar.ts';

/** A value as the bytes that an action sends, in the declared format; a pointer says where in an object it stands. */
export function encodePayload(value: Scalar, { format, pointer = '' }: PayloadSpec): Uint8Array {
  switch (format) {
    case 'number':
    case 'text':
      return Buffer.from(String(value));
    case 'json':
      return Buffer.from(JSON.stringify(wrap(value, pointer)));
    case 'cbor':
      return encode(wrap(value, pointer));
  }
}

function wrap(value: Scalar, pointer: string): unknown {
  const tokens = pointer.split('/').slice(1);
  const keys = tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  return keys.reduceRight<unknown>((inner, key) => Object.fromEntries([[key, inner]]), value);
}
