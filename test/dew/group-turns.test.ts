import { expect, onTestFinished, test } from 'vitest';
import { bytes32Of } from '../../chain/conformance/command-arbitrary.ts';
import type { GroupId } from '../../core/ids.ts';
import { createGroupTurns } from '../../dew/bundles/group-turns.ts';
import { eventually } from '../platform/eventually.ts';

/** Groups by number whose work the test ends; `turns` is who had one, in order, and the clock stands still. */
function open(count: number) {
  const life = new AbortController();
  onTestFinished(() => {
    life.abort();
  });
  const groups = Array.from({ length: count }, (_, index) => bytes32Of(index + 1));
  const due = new Set<GroupId>(groups);
  const turns: number[] = [];
  const failed: number[] = [];
  const ends = new Map<number, PromiseWithResolvers<undefined>>();
  const time = { ms: 0 };
  const numberOf = (group: GroupId) => groups.indexOf(group);
  const made = createGroupTurns({
    groups: new Set(groups),
    isDue: (group) => due.has(group),
    work: (group) => {
      due.delete(group);
      turns.push(numberOf(group));
      const end = Promise.withResolvers<undefined>();
      ends.set(numberOf(group), end);
      return end.promise;
    },
    onFailure: (group) => {
      due.add(group);
      failed.push(numberOf(group));
    },
    elapsedMs: () => time.ms,
    random: () => 0.99,
    signal: life.signal,
  });
  const succeed = (index: number): void => {
    ends.get(index)?.resolve(undefined);
  };
  const fail = async (index: number): Promise<void> => {
    const { length } = failed;
    ends.get(index)?.reject(new Error('It can not be made.'));
    await eventually(() => failed.length).toBe(length + 1);
  };
  const demand = (...indexes: readonly number[]): void => {
    for (const index of indexes) due.add(groups[index] ?? bytes32Of(0xff));
    made.begin();
  };
  return { ...made, life, turns, time, succeed, fail, demand, end: made.ended };
}

test('a few groups are worked for at once, and the next as soon as one is done', async () => {
  const { begin, turns, succeed } = open(6);
  begin();
  expect(turns).toEqual([0, 1, 2, 3]);
  succeed(2);
  await eventually(() => turns).toEqual([0, 1, 2, 3, 4]);
});

test('those that hang keep none of the others waiting, once they are known', async () => {
  const { begin, turns, fail, succeed, demand, time } = open(6);
  begin();
  for (const index of [0, 1, 2, 3]) await fail(index);
  await eventually(() => turns).toEqual([0, 1, 2, 3, 4, 5]);
  succeed(4);
  succeed(5);
  // Quick, by the clock of now.
  await new Promise(setImmediate);
  time.ms = 60_000;
  begin();
  // Two of the four that failed are tried again, and hang; the rest of the places is for the others.
  await eventually(() => turns.slice(6)).toEqual([0, 1]);
  demand(4, 5);
  await eventually(() => turns.slice(8)).toEqual([4, 5]);
});

test('one that was slow counts as one that failed, until it was quick', async () => {
  const { begin, turns, succeed, demand, time } = open(4);
  begin();
  time.ms = 10_000;
  for (const index of [0, 1, 2, 3]) succeed(index);
  await new Promise(setImmediate);
  demand(0, 1, 2, 3);
  expect(turns.slice(4)).toEqual([0, 1]);
  succeed(0);
  succeed(1);
  await eventually(() => turns.slice(6)).toEqual([2, 3]);
  demand(0, 1);
  await eventually(() => turns.slice(8)).toEqual([0, 1]);
});

test('one that fails rests for longer and longer, by itself', async () => {
  const { begin, turns, fail, time } = open(2);
  begin();
  for (const restMs of [500, 1_000, 2_000]) {
    const { length } = turns;
    await fail(0);
    time.ms += restMs * 0.9;
    begin();
    expect(turns).toHaveLength(length);
    time.ms += restMs * 0.1;
    begin();
    expect(turns).toHaveLength(length + 1);
  }
});

test('nothing begins once it is closed, and it has ended when what was under way has', async () => {
  const { begin, end, life, turns, succeed } = open(6);
  begin();
  life.abort();
  const seen = { hasEnded: false };
  const ended = end().then(() => {
    seen.hasEnded = true;
  });
  for (const index of [0, 1, 2]) succeed(index);
  await new Promise(setImmediate);
  expect(seen.hasEnded).toBe(false);
  succeed(3);
  await ended;
  expect(turns).toHaveLength(4);
});
