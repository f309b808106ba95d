import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../core/digest.ts';
import { assignmentListSchema, MAX_ASSIGNMENTS } from '../../../core/wire/assignment.ts';
import { utf8 } from '../support/samples.ts';
import { DEVICE } from '../support/site.ts';

const one = { tenant: 'greenfields', name: 'climate', digest: digestOf(utf8('x')) };
const accepts = (value: unknown) => assignmentListSchema.safeParse(value).success;

describe('an assignment list', () => {
  test('names a device and what it is to run', () => {
    expect(accepts({ device: DEVICE, assignments: [one] })).toBe(true);
    expect(accepts({ device: DEVICE, assignments: [] })).toBe(true);
    expect(accepts({ device: DEVICE, assignments: Array(MAX_ASSIGNMENTS).fill(one) })).toBe(true);
  });

  test.each<readonly [string, unknown]>([
    ['nothing', undefined],
    ['no device', { assignments: [] }],
    ['a device in capitals', { device: DEVICE.toUpperCase(), assignments: [] }],
    ['too many', { device: DEVICE, assignments: Array(MAX_ASSIGNMENTS + 1).fill(one) }],
    ['a name that walks up', { device: DEVICE, assignments: [{ ...one, name: '../x' }] }],
    ['another digest', { device: DEVICE, assignments: [{ ...one, digest: 'sha256:xx' }] }],
    ['something beside it', { device: DEVICE, assignments: [{ ...one, run: 'rm' }] }],
  ])('with %s is refused', (_, value) => {
    expect(accepts(value)).toBe(false);
  });
});
