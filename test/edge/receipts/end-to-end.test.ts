import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isSignedBy } from '../../../cli/is-signed-by.ts';
import { judgeReceipt } from '../../../cli/receipts/judge-receipt.ts';
import { fetchReceipts } from '../../../cli/receipts/fetch-receipts.ts';
import { readFacts } from '../../../cli/receipts/ledger-facts.ts';
import { hasCode } from '../../../core/errors.ts';
import { startDew } from '../../../dew/start-dew.ts';
import { createCallVerifier } from '../../../platform/calls/verify-call.ts';
import { fetchCapped } from '../../../platform/http/fetch-capped.ts';
import { runDewproof } from '../../cli/run-dewproof.ts';
import { temporaryFolder } from '../../platform/temporary-folder.ts';
import { CHAIN_ID, signerOf } from '../../platform/wallets.ts';
import { ADMIN, ADMIN_WALLET, createSite, GROUP, GROUP_NAME, TENANT, type Site } from '../support/site.ts';
import { eventually, quietLog, startTestEdge, testNonces } from '../support/test-edge.ts';
import { fixedSources } from '../../dew/support/fixed-sources.ts';
import { rootedAnchor } from '../../support/test-anchors.ts';

async function startAnchoringDew(site: Site) {
  await site.do({ type: 'enrol-device', account: ADMIN, kind: 'dew', group: GROUP, profile: undefined });
  const config = { dataFolder: temporaryFolder(), host: '127.0.0.1', port: 0, mqttPort: 0, tenant: TENANT };
  const dew = await startDew({
    config: { ...config, groups: [GROUP_NAME], anchorReceipts: { atReceipts: 2, afterMs: 10 } },
    account: ADMIN,
    anchor: rootedAnchor(),
    openSources: fixedSources({ ledger: site.chain.ledgerOf(ADMIN) }),
    verifyCall: createCallVerifier({ isSignedBy, nonces: testNonces(), clock: Date.now, chainId: CHAIN_ID }),
    isSignedBy,
    clock: Date.now,
    random: () => 0.05,
    log: quietLog(),
  });
  onTestFinished(() => dew.close());
  return dew;
}

test('from a start on a device to `verify --receipt`: signed, kept, sent, anchored, served, verified', async () => {
  const site = await createSite();
  const dew = await startAnchoringDew(site);
  const { digest, bytes } = await site.publish('climate');
  await eventually(async () => {
    const limits = { maxBytes: 65_536, minBytesPerSecond: 1, totalMs: 10_000 };
    const url = `${dew.url}/v1/documents/${digest}`;
    const { status } = await fetchCapped(url, {
      method: 'PUT',
      body: bytes,
      signer: signerOf(ADMIN_WALLET),
      ...limits,
    });
    expect(status).toBe(204);
  });
  const edge = await startTestEdge(site, { dewUrls: [dew.url] });
  await eventually(() => {
    expect(edge.status().resources).toMatchObject([{ name: 'climate', state: 'RUNNING' }]);
    expect(edge.status().receipts).toMatchObject({ kept: 1, unsent: 0, waiting: 0, lost: 0, trouble: null });
  });
  await site.revoke('climate', 1);
  await eventually(() => {
    expect(dew.status().receipts).toMatchObject({ kept: 2, pending: 0, anchoring: { enabled: true, trouble: null } });
  });

  const troubles: unknown[] = [];
  const { receipts } = await fetchReceipts({
    dews: [dew.url],
    signer: signerOf(ADMIN_WALLET),
    tenant: TENANT,
    name: 'climate',
    device: undefined,
    onTrouble: (error) => troubles.push(error),
  });
  expect(troubles).toEqual([]);
  expect(receipts.map(({ verified }) => verified.receipt.event)).toEqual(['start', 'stop']);
  // The dew may have taken the revoked resource off the device's list before the device saw the revocation itself.
  expect([undefined, 'REVOKED']).toContain(receipts[1]?.verified.receipt.code);
  const [start, stop] = receipts;
  expect(start?.verified.receipt).toMatchObject({ device: site.account, document: { version: 1n, digest } });
  expect(stop?.verified.receipt.previous).toBe(start?.verified.digest);

  const ledger = site.chain.ledgerOf();
  const ground = { facts: await readFacts(ledger), anchor: site.chain.anchor() };
  for (const { verified, file } of receipts) {
    const anchored = judgeReceipt(verified, { ...ground, inclusion: file.inclusion });
    expect(anchored?.block).toBeGreaterThan(0n);
  }

  const folder = temporaryFolder();
  const save = (name: string, value: unknown) => {
    writeFileSync(join(folder, name), JSON.stringify(value));
    return join(folder, name);
  };
  const run = (...words: readonly string[]) =>
    runDewproof(['verify', '--offline', '-o', 'json', '--receipt', ...words]);
  const whole = await run(save('receipt.json', start?.file));
  expect(whole.exitCode).toBe(0);
  expect(JSON.parse(whole.stdout)).toMatchObject({
    verdict: 'verified',
    what: 'started climate 1',
    device: site.account,
  });
  const mixed = { ...start?.file, inclusion: stop?.file.inclusion };
  const refused = await run(save('mixed.json', [start?.file, mixed]));
  expect(refused.exitCode).toBe(77);
  expect(JSON.parse(refused.stdout)).toMatchObject([
    { verdict: 'verified' },
    { verdict: 'refused', code: 'PROOF_INVALID' },
  ]);
});

test('a device with its dew away starts as ever, and hands over what happened meanwhile', async () => {
  const site = await createSite();
  const dew = await startAnchoringDew(site);
  const { digest, bytes } = await site.publish('climate');
  await eventually(async () => {
    const limits = { maxBytes: 65_536, minBytesPerSecond: 1, totalMs: 10_000 };
    const url = `${dew.url}/v1/documents/${digest}`;
    const { status } = await fetchCapped(url, {
      method: 'PUT',
      body: bytes,
      signer: signerOf(ADMIN_WALLET),
      ...limits,
    });
    expect(status).toBe(204);
  });
  const dataFolder = temporaryFolder();
  const first = await startTestEdge(site, { dewUrls: [dew.url], dataFolder });
  await eventually(() => {
    expect(first.status().receipts).toMatchObject({ kept: 1, unsent: 0 });
  });
  await first.close();
  const alone = await startTestEdge(site, { dewUrls: ['http://127.0.0.1:9'], dataFolder });
  await eventually(() => {
    expect(alone.status().resources).toMatchObject([{ state: 'RUNNING' }]);
    // The stop at the end of its first life, and this start.
    expect(alone.status().receipts).toMatchObject({ kept: 3, unsent: 2 });
  });
  await alone.close();
  const back = await startTestEdge(site, { dewUrls: [dew.url], dataFolder });
  await eventually(() => {
    expect(back.status().receipts).toMatchObject({ kept: 5, unsent: 0 });
    expect(dew.status().receipts).toMatchObject({ kept: 5, conflicts: 0 });
  });
});

test('what an offline device and a ledger disagree about is refused with a code', async () => {
  const site = await createSite();
  const dew = await startAnchoringDew(site);
  const published = await site.publish('climate');
  await eventually(async () => {
    const limits = { maxBytes: 65_536, minBytesPerSecond: 1, totalMs: 10_000 };
    const url = `${dew.url}/v1/documents/${published.digest}`;
    const { status } = await fetchCapped(url, {
      method: 'PUT',
      body: published.bytes,
      signer: signerOf(ADMIN_WALLET),
      ...limits,
    });
    expect(status).toBe(204);
  });
  await startTestEdge(site, { dewUrls: [dew.url] });
  await eventually(() => {
    expect(dew.status().receipts).toMatchObject({ kept: 1, pending: 0 });
  });
  const request = {
    dews: [dew.url],
    signer: signerOf(ADMIN_WALLET),
    tenant: TENANT,
    name: undefined,
    device: undefined,
  };
  const { receipts } = await fetchReceipts({ ...request, onTrouble: () => undefined });
  const [one] = receipts;
  const inclusion = one?.file.inclusion;
  if (one === undefined || inclusion === undefined) throw new TypeError('it was anchored');
  const facts = await readFacts(site.chain.ledgerOf());
  const anchor = site.chain.anchor();
  const codeFor = (changed: Partial<Parameters<typeof judgeReceipt>[1]>) => {
    try {
      judgeReceipt(one.verified, { facts, anchor, inclusion, ...changed });
      return 'ok';
    } catch (error) {
      return hasCode(error) ? error.code : String(error);
    }
  };
  expect(codeFor({})).toBe('ok');
  expect(codeFor({ anchor: { ...anchor, chain: 'eip155:1' } })).toBe('WRONG_CHAIN');
  expect(codeFor({ anchor: { ...anchor, genesis: `0x${'0e'.repeat(32)}` } })).toBe('WRONG_CHAIN');
  expect(codeFor({ facts: { ...facts, wasDevice: () => false } })).toBe('NOT_ENROLLED');
  expect(codeFor({ facts: { ...facts, wasActive: () => false } })).toBe('NOT_APPROVED');
  expect(codeFor({ facts: { ...facts, anchored: () => undefined } })).toBe('PROOF_INVALID');
  const anchored = facts.anchored(inclusion.root);
  if (anchored === undefined) throw new TypeError('it was anchored');
  expect(codeFor({ facts: { ...facts, anchored: () => ({ ...anchored, count: 7 }) } })).toBe('PROOF_INVALID');
});
