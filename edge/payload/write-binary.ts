import { binaryKinds, type BinaryKind } from '../../core/document/binary-schema.ts';
import { DewproofError } from '../../core/errors.ts';
import type { BinarySpec } from './binary-spec.ts';
import { writeMedfloat } from './medfloat.ts';
import { scaleDown } from './scale.ts';

/**
 * A number as the bytes that its action declares: zeros before it (no flag of `when` is set, so it is of the first
 * kind), nothing behind; whole numbers are rounded to the nearest step of the scale. @throws SCHEMA (it does not fit)
 */
export function writeBinary(value: number, { kind, offset, order, scale }: BinarySpec): Uint8Array {
  const field = Buffer.alloc(binaryKinds[kind]);
  const raw = scaleDown(value, scale);
  if (!write(field, { raw, kind })) {
    throw new DewproofError('SCHEMA', `The value does not fit into ${kind} at the scale ${scale}.`);
  }
  return Buffer.concat([Buffer.alloc(offset), order === 'little' ? field : field.reverse()]);
}

/** Writes where it fits, and tells whether it did. */
function write(field: Buffer, { raw, kind }: { raw: number; kind: BinaryKind }): boolean {
  switch (kind) {
    case 'float32':
      field.writeFloatLE(raw);
      return Number.isFinite(field.readFloatLE());
    case 'medfloat16':
    case 'medfloat32': {
      const bits = writeMedfloat(raw, kind);
      if (bits !== undefined) field.writeUIntLE(bits, 0, field.length);
      return bits !== undefined;
    }
    case 'uint8':
    case 'uint16':
    case 'uint24':
    case 'uint32':
      return writeWhole(field, { whole: Math.round(raw), from: 0, to: 2 ** (8 * field.length) - 1 });
    case 'int8':
    case 'int16':
    case 'int24':
    case 'int32': {
      const half = 2 ** (8 * field.length - 1);
      return writeWhole(field, { whole: Math.round(raw), from: -half, to: half - 1 });
    }
  }
}

function writeWhole(field: Buffer, { whole, from, to }: { whole: number; from: number; to: number }): boolean {
  if (!(from <= whole && whole <= to)) return false;
  if (from === 0) field.writeUIntLE(whole, 0, field.length);
  else field.writeIntLE(whole, 0, field.length);
  return true;
}
