import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { confirm } from '../../cli/home/confirm.ts';

/** A terminal at which `typed` is answered; what it shows is in `shown`. */
function terminal(typed: string) {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const shown: string[] = [];
  vi.spyOn(process, 'stdin', 'get').mockReturnValue(input as unknown as typeof process.stdin);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    shown.push(String(text));
    if (shown.join('').includes('[y/N]')) input.end(typed);
    return true;
  });
  return { shown };
}

describe('a question at the terminal', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test.each(['y\n', 'YES\n'])('is answered yes by %j', async (typed) => {
    terminal(typed);
    await expect(confirm('Go on?', { assumeYes: false })).resolves.toBeUndefined();
  });

  test.each(['\n', 'n\n', 'yesterday\n'])('is answered no by %j', async (typed) => {
    terminal(typed);
    await expect(confirm('Go on?', { assumeYes: false })).rejects.toMatchObject({ code: 'USAGE' });
  });

  test('shows what it quotes without control and hidden characters', async () => {
    const { shown } = terminal('y\n');
    await confirm('Cancel \u001b[2K\u202eeverything?', { assumeYes: false });
    expect(shown.join('')).toContain('Cancel \\u001b[2K\\u202eeverything? [y/N]');
  });

  test('is not asked where yes is assumed', async () => {
    const { shown } = terminal('n\n');
    await confirm('Go on?', { assumeYes: true });
    expect(shown).toEqual([]);
  });
});
