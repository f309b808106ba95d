import { expect, onTestFinished, test } from 'vitest';
import { digestOf } from '../../../core/digest.ts';
import type { StateFacts } from '../../../core/state/verified-state.ts';
import { findGroupPeers } from '../../../edge/state/group-peers.ts';
import { bytesOf, rawProfile } from '../../core/support/samples.ts';
import { DEVICE, deviceOf } from '../support/bundle-world.ts';
import { eventually } from '../support/test-edge.ts';

test('whatever comes of one profile, the edges of the others are found', async () => {
  const bytes = bytesOf(rawProfile({ url: 'http://10.0.0.9:8080' }));
  const lost = digestOf(Buffer.from('lost'));
  const devices = [
    deviceOf(),
    deviceOf(`0x${'d2'.repeat(20)}`, { profile: lost }),
    deviceOf(`0x${'d3'.repeat(20)}`, { profile: digestOf(bytes) }),
  ];
  const state = {
    device: (account: string) => devices.find((one) => one.account === account),
    facts: () => devices.map(({ account }) => ({ kind: 'device', account }) as const),
  } as Partial<StateFacts> as StateFacts;
  const peers = findGroupPeers({
    account: DEVICE,
    state: () => state,
    content: ({ digest }) => (digest === lost ? Promise.reject(new TypeError('unforeseen')) : Promise.resolve(bytes)),
    everyMs: 5,
    elapsedMs: () => performance.now(),
  });
  onTestFinished(() => peers.close());
  await eventually(() => {
    expect(peers.urls()).toEqual(['http://10.0.0.9:8080']);
  });
});
