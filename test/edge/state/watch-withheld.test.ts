import { expect, test } from 'vitest';
import { watchWithheld } from '../../../edge/state/watch-withheld.ts';

function setUp() {
  const world = { ms: 0 };
  const told: string[] = [];
  const watch = watchWithheld({
    everyMs: 1000,
    elapsedMs: () => world.ms,
    onWithheld: ({ server, height }) => told.push(`${server} ${height.toString()}`),
  });
  const answer = (server: string, atMs: number) => {
    world.ms = atMs;
    watch.answered({ server });
  };
  return { watch, told, answer };
}

test('a dew that lacks what a peer told for longer than an interval is told of once a head', () => {
  const { watch, told, answer } = setUp();
  watch.taken({ by: 'dew', height: 5n });
  watch.taken({ by: 'peer', height: 7n });
  answer('dew', 1000);
  expect(told).toEqual([]);
  watch.taken({ by: 'peer', height: 8n });
  answer('dew', 2001);
  answer('dew', 9000);
  expect(told).toEqual(['dew 7']);
});

test('a dew that is as far, or ahead, is not', () => {
  const { watch, told, answer } = setUp();
  watch.taken({ by: 'dew', height: 7n });
  watch.taken({ by: 'peer', height: 7n });
  watch.taken({ by: 'peer', height: 8n });
  watch.taken({ by: 'dew', height: 8n });
  answer('dew', 99_000);
  expect(told).toEqual([]);
});
