import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fieldChanges } from '../../cli/diff/field-changes.ts';
import { diffLines } from '../../cli/diff/line-diff.ts';
import { unifiedDiff } from '../../cli/diff/unified-diff.ts';

const letters = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 60 });

describe('a diff of lines', () => {
  test('holds both texts, whatever they are', () => {
    fc.assert(
      fc.property(letters, letters, (before, after) => {
        const lines = diffLines({ before, after });
        const side = (without: string) => lines.filter(({ kind }) => kind !== without).map(({ text }) => text);
        expect(side('added')).toEqual(before);
        expect(side('removed')).toEqual(after);
      }),
    );
  });

  test('is the shortest there is', () => {
    fc.assert(
      fc.property(letters, letters, (before, after) => {
        const same = diffLines({ before, after }).filter(({ kind }) => kind === 'same').length;
        expect(same).toBe(longestCommon(before, after));
      }),
      { numRuns: 200 },
    );
  });

  test('of texts that have nothing in common takes no time', () => {
    const lines = (prefix: string) => Array.from({ length: 20_000 }, (_, index) => `${prefix}${index}`);
    const begunMs = performance.now();
    expect(diffLines({ before: lines('a'), after: lines('b') })).toHaveLength(40_000);
    expect(performance.now() - begunMs).toBeLessThan(10_000);
  });
});

test('a unified diff is one that patch(1) takes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dewproof-diff-'));
  const file = join(folder, 'text');
  fc.assert(
    fc.property(letters, letters, (before, after) => {
      const diff = unifiedDiff({ before: { label: 'text', lines: before }, after: { label: 'text', lines: after } });
      if (diff.length === 0) {
        expect(before).toEqual(after);
        return;
      }
      writeFileSync(file, before.map((line) => `${line}\n`).join(''));
      const input = `${diff.join('\n')}\n`;
      const { status, stdout } = spawnSync('git', ['apply', '--unsafe-paths', '-p0', '--recount', '-'], {
        cwd: folder,
        input,
      });
      expect([status, stdout.toString()]).toEqual([0, '']);
      expect(readFileSync(file, 'utf8')).toBe(after.map((line) => `${line}\n`).join(''));
    }),
    { numRuns: 25 },
  );
});

test('changed fields are named by JSON pointers', () => {
  const from = { a: { 'b/c': 1, gone: true, same: [1, { x: 1 }] }, list: ['a', 'b'], kind: { deep: 1 } };
  const to = { a: { 'b/c': 2, same: [1, { x: 1 }], new: null }, list: ['a'], kind: [1] };
  expect(fieldChanges({ from, to })).toEqual([
    { path: '/a/b~1c', from: 1, to: 2 },
    { path: '/a/gone', from: true },
    { path: '/a/new', to: null },
    { path: '/list/1', from: 'b' },
    { path: '/kind', from: { deep: 1 }, to: [1] },
  ]);
  expect(fieldChanges({ from, to: from })).toEqual([]);
});

function longestCommon(before: readonly string[], after: readonly string[]): number {
  let row: number[] = new Array<number>(after.length + 1).fill(0);
  for (const one of before) {
    const next = [0];
    for (const [index, other] of after.entries()) {
      next.push(one === other ? (row[index] ?? 0) + 1 : Math.max(row[index + 1] ?? 0, next[index] ?? 0));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
