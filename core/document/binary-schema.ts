import { z } from 'zod';

/** Kinds of numbers in bytes, with their sizes; the medfloats are IEEE 11073's, as medical sensors send them. */
export const binaryKinds = {
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint24: 3,
  int24: 3,
  uint32: 4,
  int32: 4,
  float32: 4,
  medfloat16: 2,
  medfloat32: 4,
} as const;
export type BinaryKind = keyof typeof binaryKinds;

const kind = z.enum(Object.keys(binaryKinds) as BinaryKind[]);

// The longest value of a GATT attribute (Bluetooth Core, Vol 3, Part F, 3.2.9).
const MAX_BYTES = 512;

/**
 * Where in a message a number stands, and as what. `when` says that a set bit before it makes it another kind: a heart
 * rate (GATT 0x2A37) is a uint8 at 1, or a uint16 where bit 0 of byte 0 is set.
 */
export const binarySchema = z
  .strictObject({
    kind,
    /** In bytes from the start. */
    offset: z
      .int()
      .min(0)
      .max(MAX_BYTES - 1)
      .default(0),
    order: z.enum(['little', 'big']).default('little'),
    /** What the raw number is multiplied by: 0.01 for a GATT temperature (0x2A6E). */
    scale: z.number().min(1e-12).max(1e12).default(1),
    when: z
      .strictObject({
        byte: z
          .int()
          .min(0)
          .max(MAX_BYTES - 1),
        bit: z.int().min(0).max(7),
        kind,
      })
      .optional(),
  })
  .refine(({ when, offset }) => when === undefined || when.byte < offset, {
    path: ['when', 'byte'],
    message: 'expected a byte before the number itself',
  });
