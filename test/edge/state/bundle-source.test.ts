import { expect, onTestFinished, test } from 'vitest';
import { DewproofError } from '../../../core/errors.ts';
import { createRefusals } from '../../../edge/refusals.ts';
import { createBundleSource } from '../../../edge/state/bundle-source.ts';
import { followState, type StateFollower } from '../../../edge/state/follow-state.ts';
import type { StateKeeper } from '../../../edge/state/state-keeper.ts';
import { startBundleServer } from '../support/bundle-server.ts';
import { eventually, quietLog } from '../support/test-edge.ts';

const BUNDLE = Buffer.from('a bundle');

/** A device that nothing was ever proved to; its one server never shows another bundle. */
async function setUp(judge: (follower: StateFollower) => void) {
  const served = { times: 0 };
  const url = await startBundleServer(() => {
    served.times += 1;
    return BUNDLE;
  });
  const source = createBundleSource({ urls: () => [`${url}/v1/bundles/me`], everyMs: 5, random: () => 0.5 });
  const life = new AbortController();
  const judged: string[] = [];
  const keeper = {
    newest: () => undefined,
    split: () => undefined,
    accept: (bundle: Uint8Array) => {
      judged.push(Buffer.from(bundle).toString());
      return Promise.reject(new DewproofError('PROOF_INVALID', 'signed by others'));
    },
  } as unknown as StateKeeper;
  const follower = followState({
    source,
    keeper,
    refusals: createRefusals({ clock: Date.now, log: quietLog() }),
    backoff: { wait: () => Promise.resolve(), reset: () => undefined },
    onAccepted: () => undefined,
    isOfRotation: () => {
      judge(follower);
      return Promise.resolve(true);
    },
    signal: life.signal,
  });
  onTestFinished(async () => {
    life.abort();
    await follower.ended;
    await source.close();
  });
  return { served, judged, follower };
}

test('a bundle that was refused is not taken again from who shows no other, until all is asked for anew', async () => {
  const { served, judged, follower } = await setUp(() => undefined);
  await eventually(() => {
    expect(served.times).toBeGreaterThan(5);
  });
  expect(judged).toHaveLength(1);
  follower.askAnew();
  await eventually(() => {
    expect(judged).toHaveLength(2);
  });
});

test('one that is refused while all is asked for anew, as where its server has a newer anchor, is judged again', async () => {
  let rotations = 0;
  const { judged } = await setUp((follower) => {
    if (rotations++ === 0) follower.askAnew();
  });
  await eventually(() => {
    expect(judged).toHaveLength(2);
  });
});
