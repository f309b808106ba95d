import { describe, expect, test } from 'vitest';
import { formatHint, hintTopic, MAX_HINT_BYTES, parseHint, type Hint } from '../../../core/wire/hint.ts';
import { codeOf } from '../support/code-of.ts';
import { utf8 } from '../support/samples.ts';
import { GROUP } from '../support/site.ts';

describe('hints', () => {
  test.each<Hint>([{ about: 'ledger' }, { about: 'assignments' }])('%j is carried there and back', (hint) => {
    expect(parseHint(utf8(formatHint(hint)))).toEqual(hint);
  });

  test("a group's topic is its id without 0x", () => {
    expect(hintTopic(GROUP)).toMatch(/^dewproof\/v1\/hints\/[0-9a-f]{64}$/);
  });

  test.each([
    '',
    'null',
    '{}',
    '{"about":"x"}',
    '{"about":"ledger","run":"this"}',
    '{"about":"ledger"',
    '['.repeat(200),
  ])('%s is refused', (payload) => {
    expect(codeOf(() => parseHint(utf8(payload)))).toBe('SCHEMA');
  });

  test('a long payload is refused unread', () => {
    expect(codeOf(() => parseHint(new Uint8Array(MAX_HINT_BYTES + 1)))).toBe('ENDLESS_DATA');
    expect(codeOf(() => parseHint(Uint8Array.of(0xff)))).toBe('SCHEMA');
  });
});
