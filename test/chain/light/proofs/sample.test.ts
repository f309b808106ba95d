import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { nobleCrypto } from '../../../../chain/light/crypto/noble-crypto.ts';
import { toHex } from '../../../../chain/light/hex.ts';
import { buildBundle } from '../../../../chain/light/make/build-bundle.ts';
import { chooseClaims } from '../../../../chain/light/make/choose-claims.ts';
import type { ResourceId } from '../../../../core/ids.ts';
import type { LedgerState } from '../../../../core/ledger/state.ts';
import { accountsOf, four, HEIGHT, qbftAnchor, verdictOf } from '../../../support/test-bundles.ts';
import { buildRegistry, device, group, resources, tenantState } from '../../../support/test-registry.ts';
import { plainHeader, sealAsQbft } from '../../../support/test-validators.ts';

const folder = resolve(import.meta.dirname, '../../../vectors');

/** The device and some of its group's resources, out of 5,000 slots, under four validators: what bench/ measures. */
function bundleOf(state: LedgerState, { named, filler }: { named: readonly ResourceId[]; filler: number }) {
  const registry = buildRegistry({ state, filler });
  const anchor = qbftAnchor(four);
  const header = sealAsQbft(plainHeader({ height: HEIGHT, stateRoot: registry.stateRoot }), {
    validators: accountsOf(four),
    sealers: four.slice(0, 3),
  });
  const all = chooseClaims(state, { account: device, group });
  const claims = {
    heads: all.heads.filter(({ resource }) => named.includes(toHex(resource))),
    devices: all.devices.filter(({ account }) => toHex(account) === device),
    grants: [],
    members: [],
  };
  const vouchers = { header, changes: [], note: undefined };
  const bundle = buildBundle({ claims, vouchers, nodes: registry.nodes }, { anchor, crypto: nobleCrypto });
  expect(verdictOf(bundle, { anchor })).toBe('ok');
  return { bundle, sample: { anchor, bundle: Buffer.from(bundle).toString('base64') } };
}

test('a sample bundle is the same at every making, and as small as promised', async () => {
  const { bundle, sample } = bundleOf(tenantState, { named: resources.slice(0, 1), filler: 4_990 });
  expect(bundle.length).toBeLessThan(4_800);
  const file = resolve(folder, 'bundle-four-validators.json');
  await expect(`${JSON.stringify(sample, undefined, 2)}\n`).toMatchFileSnapshot(file);
});

test('a hundred further resources take less than 700 bytes each', async () => {
  const further = Array.from({ length: 100 }, (_, index): ResourceId => {
    return toHex(nobleCrypto.keccak256(Buffer.from(`resource ${index}`)));
  });
  const heads = new Map(tenantState.heads);
  const [first] = tenantState.heads.values();
  for (const resource of further) if (first) heads.set(resource, { ...first, resource });
  const state = { ...tenantState, heads };
  const options = { filler: 4_890 };
  const [one] = resources;
  const alone = bundleOf(state, { ...options, named: [one] }).bundle;
  const { bundle, sample } = bundleOf(state, { ...options, named: [one, ...further] });
  expect((bundle.length - alone.length) / further.length).toBeLessThan(700);
  const file = resolve(folder, 'bundle-hundred-resources.json');
  await expect(`${JSON.stringify(sample, undefined, 2)}\n`).toMatchFileSnapshot(file);
});
