import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isTopicFilter, isTopicName } from '../../../core/document/topics.ts';

describe('topics', () => {
  test.each(['a', 'a/b', '/', '/a', 'a/', 'a//b', 'é/ü', 'a b', 'a$b'])('%j is a name, hence a filter', (topic) => {
    expect([isTopicName(topic), isTopicFilter(topic)]).toEqual([true, true]);
  });

  test.each(['#', '+', '+/+', 'a/#', 'a/+/b', '/+', '+/#'])('%j is a filter alone', (topic) => {
    expect([isTopicName(topic), isTopicFilter(topic)]).toEqual([false, true]);
  });

  test.each([
    '',
    '$SYS',
    '$share/a/b',
    '##',
    'a#',
    '#/a',
    'a/#/b',
    'a+',
    '+a/b',
    '++',
    'a\0',
    'a\n',
    'a\u0085',
    '\ud800',
    'x'.repeat(257),
  ])('%j is neither', (topic) => {
    expect([isTopicName(topic), isTopicFilter(topic)]).toEqual([false, false]);
  });

  test('a filter without wildcards is a name', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '/', '+', '#', '$', '\0'), maxLength: 8 }), (topic) => {
        const plain = !topic.includes('+') && !topic.includes('#');
        expect(isTopicName(topic)).toBe(isTopicFilter(topic) && plain);
      }),
    );
  });
});
