import { expect, onTestFinished, test } from 'vitest';
import { DewproofError } from '../../../core/errors.ts';
import { createRefusals } from '../../../edge/refusals.ts';
import { createBundleSource } from '../../../edge/state/bundle-source.ts';
import { followState, type StateFollower } from '../../../edge/state/follow-state.ts';
import type { StateKeeper } from '../../../edge/state/state-keeper.ts';
import { startBundleServer } from '../support/bundle-server.ts';
import { eventually, quietLog } from '../support/test-edge.ts';

const BUNDLE = Buffer.from('a bundle');

interface Judging {
  /** Called with every refusal. */
  readonly judge?: (follower: StateFollower) => void;
  /** What is thrown at the first bundle, the second, …; those after it are taken. */
  readonly disk?: readonly DewproofError[];
}

/** A device that nothing was ever proved to; its one server never shows another bundle, and all are refused but for the disk's sake. */
async function setUp({ judge = () => undefined, disk }: Judging = {}) {
  const served = { times: 0 };
  const url = await startBundleServer(() => {
    served.times += 1;
    return BUNDLE;
  });
  const source = createBundleSource({ urls: () => [`${url}/v1/bundles/me`], everyMs: 5, random: () => 0.5 });
  const life = new AbortController();
  const judged: string[] = [];
  let held: Uint8Array | undefined;
  const keeper = {
    newest: () => held && { bundle: held },
    split: () => undefined,
    accept: (bundle: Uint8Array) => {
      const failure = disk ? disk[judged.length] : new DewproofError('PROOF_INVALID', 'signed by others');
      judged.push(Buffer.from(bundle).toString());
      if (disk) held = bundle;
      return failure ? Promise.reject(failure) : Promise.resolve({ leftOut: [] });
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
  const { served, judged, follower } = await setUp();
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
  const { judged } = await setUp({
    judge: (follower) => {
      if (rotations++ === 0) follower.askAnew();
    },
  });
  await eventually(() => {
    expect(judged).toHaveLength(2);
  });
});

test('one that is held and that the disk did not take is asked for until it did, though its server shows no other', async () => {
  const full = new DewproofError('DISK_FULL', 'full');
  const { served, judged } = await setUp({ disk: [full, full] });
  await eventually(() => {
    expect(judged).toHaveLength(3);
  });
  const { times } = served;
  await eventually(() => {
    expect(served.times).toBeGreaterThan(times + 3);
  });
  expect(judged).toHaveLength(3);
});
