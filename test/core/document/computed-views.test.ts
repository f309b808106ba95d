import { expect, test } from 'vitest';
import { digestOf } from '../../../core/digest.ts';
import { documentSchema } from '../../../core/document/schema.ts';
import { rawResource, resource, utf8 } from '../support/samples.ts';

const runtime = { kind: 'script', artifact: { digest: digestOf(utf8('script')), size: 10 } };
const views = [{ id: 'comfort', computed: true }];

test('a script computes views, within a share of the processor', () => {
  const { spec } = resource({ runtime, views });
  expect(spec.views).toEqual(views);
  expect(spec.runtime).toMatchObject({ limits: { memoryMiB: 16, cpuMs: 50, cpuPercent: 5 } });
});

test.each([
  ['without a script', { views }],
  ['of an input', { runtime, views: [{ id: 'comfort', computed: true, input: 'temperature' }] }],
  ['with more than a processor', { runtime: { ...runtime, limits: { cpuPercent: 101 } }, views }],
])('no view is computed %s', (_, spec) => {
  expect(documentSchema.safeParse(rawResource(spec)).success).toBe(false);
});
