import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { verifyAcyclic, type Requiring } from '../../../core/document/cycles.ts';
import { DewproofError } from '../../../core/errors.ts';
import { codeOf } from '../support/code-of.ts';

type Graph = Readonly<Record<string, readonly string[]>>;

function node(graph: Graph, name: string): Requiring | undefined {
  const requires = graph[name];
  if (requires === undefined) return undefined;
  return {
    metadata: { name },
    spec: { requires: requires.map((resource) => ({ resource, condition: 'running' as const })) },
  };
}

function verify(graph: Graph, name: string): void {
  const start = node(graph, name);
  if (start === undefined) throw new Error('expected a node');
  verifyAcyclic(start, (required) => node(graph, required));
}

describe('verifyAcyclic', () => {
  test.each<readonly [string, Graph]>([
    ['nothing required', { a: [] }],
    ['a chain', { a: ['b'], b: ['c'], c: [] }],
    ['a diamond', { a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }],
    ['something unknown', { a: ['b'], b: ['nowhere'] }],
    ["somebody else's circle", { a: ['b'], b: ['c'], c: ['b'] }],
  ])('takes %s', (_, graph) => {
    expect(
      codeOf(() => {
        verify(graph, 'a');
      }),
    ).toBeUndefined();
  });

  test.each<readonly [string, Graph]>([
    ['itself', { a: ['a'] }],
    ['two', { a: ['b'], b: ['a'] }],
    ['three', { a: ['b'], b: ['c'], c: ['a'] }],
    ['the far side of a diamond', { a: ['b', 'c'], b: ['d'], c: ['d'], d: ['a'] }],
    ['beside another circle', { a: ['b', 'c'], b: ['b'], c: ['a'] }],
  ])('refuses a circle through %s', (_, graph) => {
    expect(
      codeOf(() => {
        verify(graph, 'a');
      }),
    ).toBe('CYCLE');
  });

  test('names the way round', () => {
    const error: unknown = (() => {
      try {
        verify({ a: ['b'], b: ['c'], c: ['a'] }, 'a');
        return undefined;
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toBeInstanceOf(DewproofError);
    expect((error as DewproofError).details).toEqual({ way: ['a', 'b', 'c', 'a'] });
  });

  test('survives a chain of 100,000', () => {
    const name = (index: number) => `n${index}`;
    const long = (last: string[]): Graph =>
      Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [name(i), i === 99_999 ? last : [name(i + 1)]]));
    expect(
      codeOf(() => {
        verify(long([]), 'n0');
      }),
    ).toBeUndefined();
    expect(
      codeOf(() => {
        verify(long(['n0']), 'n0');
      }),
    ).toBe('CYCLE');
  });

  test('agrees with a plain search on any graph', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const graphs = fc.record(Object.fromEntries(names.map((name) => [name, fc.subarray(names)])));
    fc.assert(
      fc.property(graphs, (graph: Graph) => {
        const reached = new Set(graph['a']);
        for (const at of reached) for (const next of graph[at] ?? []) reached.add(next);
        expect(
          codeOf(() => {
            verify(graph, 'a');
          }),
        ).toBe(reached.has('a') ? 'CYCLE' : undefined);
      }),
    );
  });
});
