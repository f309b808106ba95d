import { binaryKinds, type BinaryKind } from '../../core/document/binary-schema.ts';
import { DewproofError } from '../../core/errors.ts';
import type { BinarySpec } from './binary-spec.ts';
import { readMedfloat } from './medfloat.ts';
import { scaleUp } from './scale.ts';

/**
 * The number that stands in a binary message where the input says; what follows it is left alone. Undefined where the
 * sensor says that it has none (a medical float's NaN). @throws SCHEMA (the message ends before)
 */
export function readBinary(bytes: Uint8Array, spec: BinarySpec): number | undefined {
  const { offset, order, scale, when } = spec;
  const isOther = when !== undefined && (byteAt(bytes, when.byte) & (1 << when.bit)) !== 0;
  const kind = isOther ? when.kind : spec.kind;
  const size = binaryKinds[kind];
  if (bytes.length < offset + size) throw tooShort();
  const field = Buffer.from(bytes.subarray(offset, offset + size));
  const raw = rawOf(order === 'little' ? field : field.reverse(), kind);
  return raw === undefined ? undefined : scaleUp(raw, scale);
}

function rawOf(field: Buffer, kind: BinaryKind): number | undefined {
  switch (kind) {
    case 'float32':
      return field.readFloatLE();
    case 'medfloat16':
    case 'medfloat32':
      return readMedfloat(field.readUIntLE(0, field.length), kind);
    case 'uint8':
    case 'uint16':
    case 'uint24':
    case 'uint32':
      return field.readUIntLE(0, field.length);
    case 'int8':
    case 'int16':
    case 'int24':
    case 'int32':
      return field.readIntLE(0, field.length);
  }
}

function byteAt(bytes: Uint8Array, index: number): number {
  const byte = bytes[index];
  if (byte === undefined) throw tooShort();
  return byte;
}

function tooShort(): DewproofError {
  return new DewproofError('SCHEMA', 'The message ends before its number; send what the input declares.');
}
