import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { filtersOverlap } from '../../../edge/bus/topic-filters.ts';

describe('filtersOverlap', () => {
  test.each([
    ['a/b', 'a/b', true],
    ['a/b', 'a/c', false],
    ['a/b', 'a', false],
    ['a/+', 'a/b', true],
    ['a/+', 'a/b/c', false],
    ['a/#', 'a/b/c', true],
    ['a/#', 'a', true],
    ['#', 'a/b', true],
    ['+/b', 'a/+', true],
    ['+/b', 'a/c', false],
    ['a/+/c', 'a/b/#', true],
    ['a//b', 'a/+/b', true],
    ['+', '', true],
    ['b/#', 'a/#', false],
  ])('%s and %s: %s (MQTT 3.1.1 section 4.7)', (first, second, expected) => {
    expect(filtersOverlap([first, second])).toBe(expected);
    expect(filtersOverlap([second, first])).toBe(expected);
  });

  test('is true exactly where some topic matches both', () => {
    const levels = ['a', 'b'];
    const topics = [1, 2, 3].reduce<string[][]>(
      (all, length) => [
        ...all,
        ...all.filter((one) => one.length === length - 1).flatMap((one) => levels.map((level) => [...one, level])),
      ],
      [[]],
    );
    const filter = fc
      .tuple(fc.array(fc.constantFrom('a', 'b', '+'), { minLength: 1, maxLength: 3 }), fc.boolean())
      .map(([parts, open]) => (open && parts.length < 3 ? [...parts, '#'] : parts).join('/'));
    const matches = (one: string, topic: string) => filtersOverlap([one, topic]);
    fc.assert(
      fc.property(filter, filter, (first, second) => {
        const names = topics.filter((topic) => topic.length > 0).map((topic) => topic.join('/'));
        expect(filtersOverlap([first, second])).toBe(
          names.some((topic) => matches(first, topic) && matches(second, topic)),
        );
      }),
    );
  });
});
