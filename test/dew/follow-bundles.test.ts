import { expect, onTestFinished, test } from 'vitest';
import { bytes32Of } from '../../chain/conformance/command-arbitrary.ts';
import { emptyLedgerState } from '../../core/ledger/state.ts';
import { followBundles } from '../../dew/bundles/follow-bundles.ts';
import { createLog } from '../../platform/log.ts';
import { eventually } from '../platform/eventually.ts';
import { createFakeMaker } from './support/fake-maker.ts';

/** Groups, as many as are given, with a block that all are vouched for by. */
function follow(count: number, hint: () => Promise<void>) {
  const maker = createFakeMaker();
  const block = { height: 1n, hash: bytes32Of(1), time: 1n };
  const identity = { chain: 'eip155:31337', genesis: bytes32Of(2), registry: `0x${'22'.repeat(20)}` } as const;
  const logged: string[] = [];
  const followed = followBundles({
    plan: { maker, verify: maker.verify, keepSeconds: 1_000 },
    groups: new Set(Array.from({ length: count }, (_, index) => bytes32Of(100 + index))),
    follower: { known: () => ({ identity, state: { ...emptyLedgerState, block } }) },
    kept: new Map(),
    store: { saveFacts: () => Promise.resolve(), saveHead: () => Promise.resolve() },
    hint,
    elapsedMs: () => performance.now(),
    random: () => 0.5,
    log: createLog({ name: 'dew', level: 'info' }, { write: (line) => logged.push(line) }),
  });
  onTestFinished(() => followed.close());
  return { followed, logged };
}

test('a listener that takes no hints keeps no group from its turn, nor the dew from closing', async () => {
  const { followed } = follow(6, () => new Promise(() => undefined));
  await eventually(() => followed.newest().size).toBe(6);
  await followed.close();
});

test('a hint that can not be sent is logged, and makes no bundle a failed one', async () => {
  const { followed, logged } = follow(1, () => Promise.reject(new Error('The broker is gone.')));
  await eventually(() => logged.join()).toContain('A hint could not be sent');
  expect([followed.newest().size, followed.failing().size]).toEqual([1, 0]);
});
