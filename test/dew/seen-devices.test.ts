import { expect, test } from 'vitest';
import { createSeenDevices } from '../../dew/bundles/seen-devices.ts';

const [one, other] = [`0x${'d1'.repeat(20)}`, `0x${'d2'.repeat(20)}`] as const;

test('a device is where it last signed a call, and nowhere else', () => {
  const seen = createSeenDevices();
  seen.saw({ account: one, network: '10.0.7.2' });
  expect(seen.isThere({ account: one, network: '10.0.7.2' })).toBe(true);
  expect(seen.isThere({ account: other, network: '10.0.7.2' })).toBe(false);
  seen.saw({ account: one, network: '10.0.7.3' });
  expect(seen.isThere({ account: one, network: '10.0.7.2' })).toBe(false);
});

test('who called longest ago is forgotten first', () => {
  const seen = createSeenDevices({ most: 1 });
  for (const account of [one, other]) seen.saw({ account, network: '10.0.7.2' });
  expect([one, other].map((account) => seen.isThere({ account, network: '10.0.7.2' }))).toEqual([false, true]);
});
