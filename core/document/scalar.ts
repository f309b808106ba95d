/** A value that an input takes in, a view shows and an action is done with; numbers are finite. */
export type Scalar = number | boolean | string;

/** What kind of scalar; `text` is a string. */
export const scalarTypes = ['number', 'boolean', 'text'] as const;
export type ScalarType = (typeof scalarTypes)[number];

/** The kind of a scalar. */
export function scalarTypeOf(value: Scalar): ScalarType {
  if (typeof value === 'string') return 'text';
  return typeof value === 'number' ? 'number' : 'boolean';
}
