import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { nobleCrypto } from '../../../../chain/light/crypto/noble-crypto.ts';
import { buildBundle } from '../../../../chain/light/make/build-bundle.ts';
import { accountsOf, four, HEIGHT, qbftAnchor, verdictOf } from '../../../support/test-bundles.ts';
import { buildRegistry, device, resources, tenantClaims } from '../../../support/test-registry.ts';
import { plainHeader, sealAsQbft } from '../../../support/test-validators.ts';
import { toHex } from '../../../../chain/light/hex.ts';

const file = resolve(import.meta.dirname, '../../../vectors/bundle-four-validators.json');

/** One resource and its device, out of 5,000 slots, under four validators: what bench/ measures, in bytes that stay. */
test('a sample bundle is the same at every making, and as small as promised', async () => {
  const registry = buildRegistry({ filler: 4_990 });
  const anchor = qbftAnchor(four);
  const header = sealAsQbft(plainHeader({ height: HEIGHT, stateRoot: registry.stateRoot }), {
    validators: accountsOf(four),
    sealers: four.slice(0, 3),
  });
  const claims = {
    heads: tenantClaims.heads.filter(({ resource }) => toHex(resource) === resources[0]),
    devices: tenantClaims.devices.filter(({ account }) => toHex(account) === device),
    grants: [],
    members: [],
  };
  const vouchers = { header, changes: [], note: undefined };
  const bundle = buildBundle({ claims, vouchers, nodes: registry.nodes }, { anchor, crypto: nobleCrypto });
  expect(verdictOf(bundle, { anchor })).toBe('ok');
  expect(bundle.length).toBeLessThan(4_800);
  const sample = { anchor, bundle: Buffer.from(bundle).toString('base64') };
  await expect(`${JSON.stringify(sample, undefined, 2)}\n`).toMatchFileSnapshot(file);
});
