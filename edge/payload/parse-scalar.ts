import type { PayloadSpec } from '../../core/document/schema.ts';
import { scalarTypeOf, type Scalar } from '../../core/document/scalar.ts';
import { DewproofError } from '../../core/errors.ts';

/** A value of the type and within the bounds that a document declares. @throws SCHEMA */
export function parseScalar(value: unknown, payload: PayloadSpec): Scalar {
  if (!isScalar(value) || scalarTypeOf(value) !== payload.type) {
    throw new DewproofError('SCHEMA', `There is no ${payload.type} where one is declared.`);
  }
  const { minimum = -Infinity, maximum = Infinity, maxLength } = payload;
  if (typeof value === 'string') {
    if (value.length <= maxLength && value.isWellFormed()) return value;
    throw new DewproofError('SCHEMA', `The text is longer than ${maxLength} or not well-formed.`);
  }
  if (typeof value === 'boolean') return value;
  if (value < minimum || value > maximum) {
    throw new DewproofError('SCHEMA', 'The number is outside the declared bounds.');
  }
  // -0 would come back from the store as 0.
  return value === 0 ? 0 : value;
}

// `1e999` is JSON and becomes Infinity; CBOR has NaN.
function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}
