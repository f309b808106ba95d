import { encode } from 'cborg';
import { DewproofError } from '../../core/errors.ts';
import type { PayloadSpec } from '../../core/document/schema.ts';
import type { Scalar } from '../../core/document/scalar.ts';
import { writeBinary } from './write-binary.ts';

/**
 * A value as the bytes that an action sends, in the declared format; a pointer says where in an object it stands.
 * @throws SCHEMA (a number that the declared bytes can't hold)
 */
export function encodePayload(value: Scalar, { format, pointer = '', binary }: PayloadSpec): Uint8Array {
  switch (format) {
    case 'number':
    case 'text':
      return Buffer.from(String(value));
    case 'json':
      return Buffer.from(JSON.stringify(wrap(value, pointer)));
    case 'cbor':
      return encode(wrap(value, pointer));
    case 'binary':
      if (binary !== undefined && typeof value === 'number') return writeBinary(value, binary);
      throw new DewproofError('SCHEMA', 'Only a number goes into binary bytes.');
  }
}

function wrap(value: Scalar, pointer: string): unknown {
  const tokens = pointer.split('/').slice(1);
  const keys = tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  return keys.reduceRight<unknown>((inner, key) => Object.fromEntries([[key, inner]]), value);
}
