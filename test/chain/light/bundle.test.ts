import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stepArbitrary } from '../../../chain/conformance/command-arbitrary.ts';
import { deriveSealKey } from '../../../chain/light/derive-seal-key.ts';
import { openRpcState } from '../../../chain/light/rpc-state.ts';
import { MAX_BUNDLE_BYTES, openBundle, sealBundle } from '../../../chain/light/seal-bundle.ts';
import { sliceState } from '../../../core/ledger/slice.ts';
import { codeOf } from '../../core/support/code-of.ts';
import { createMemoryTenant, groupA, resourceA } from './memory-tenant.ts';

const sealKey = deriveSealKey({ privateKey: Buffer.alloc(32, 7) });
const now = 1_900_000_000n;

async function sampleTenant() {
  const tenant = createMemoryTenant();
  await tenant.enrol(groupA);
  await tenant.activate(resourceA, { version: 1n, group: groupA });
  const account = tenant.accounts.device;
  const state = sliceState(tenant.chain.state(), { account, group: groupA });
  const deviceState = { identity: await tenant.chain.ledgerOf().identity(), account, state };
  return { ...tenant, deviceState, bundle: sealBundle(deviceState, sealKey) };
}

describe('a sealed bundle', () => {
  test('opens to the facts that were sealed', async () => {
    const { chain, deviceState, bundle, accounts } = await sampleTenant();
    const opened = openRpcState(sealKey)(bundle, chain.anchor(), now);
    expect(opened.block).toEqual(deviceState.state.block);
    expect(opened.identity).toEqual(deviceState.identity);
    expect(opened.record(resourceA)).toMatchObject({ version: 1n, status: 'active', group: groupA });
    expect(opened.device(accounts.device)).toMatchObject({ status: 'active', profile: undefined });
    expect(opened.resourcesOf(groupA)).toEqual([resourceA]);
  });

  test('holds whatever a device may be told, digit by digit', async () => {
    const step = stepArbitrary(createMemoryTenant().accounts);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { chain, accounts, submit } = createMemoryTenant();
        for (const one of steps) await submit(one).catch(() => undefined);
        const account = accounts.device;
        const group = chain.state().devices.get(account)?.group ?? groupA;
        const deviceState = {
          identity: await chain.ledgerOf().identity(),
          account,
          state: sliceState(chain.state(), { account, group }),
        };
        expect(openBundle(sealBundle(deviceState, sealKey), sealKey)).toEqual(deviceState);
      }),
      { numRuns: 100 },
    );
  });

  test('with any bit changed never opens', async () => {
    const { chain, bundle } = await sampleTenant();
    const open = openRpcState(sealKey);
    for (let bit = 0; bit < bundle.length * 8; bit++) {
      const changed = Uint8Array.from(bundle);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(codeOf(() => open(changed, chain.anchor(), now))).toBe('PROOF_INVALID');
    }
  });

  test('cut, extended or shuffled never opens', async () => {
    const { chain, bundle } = await sampleTenant();
    const open = openRpcState(sealKey);
    for (let length = 0; length < bundle.length; length++) {
      expect(codeOf(() => open(bundle.subarray(0, length), chain.anchor(), now))).toBe('PROOF_INVALID');
    }
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.nat(bundle.length), (bytes, at) => {
        const longer = Buffer.concat([bundle.subarray(0, at), bytes, bundle.subarray(at)]);
        expect(codeOf(() => open(longer, chain.anchor(), now))).toBe('PROOF_INVALID');
        expect(codeOf(() => open(bytes, chain.anchor(), now))).toBe('PROOF_INVALID');
      }),
    );
  });

  test('of another device never opens', async () => {
    const { chain, bundle } = await sampleTenant();
    const other = deriveSealKey({ privateKey: Buffer.alloc(32, 8) });
    expect(codeOf(() => openRpcState(other)(bundle, chain.anchor(), now))).toBe('PROOF_INVALID');
  });

  test('opens also by an anchor that writes the registry in capitals', async () => {
    const { chain, bundle } = await sampleTenant();
    const anchor = chain.anchor();
    const registry = anchor.registry.toUpperCase();
    expect(registry).not.toBe(anchor.registry);
    expect(codeOf(() => openRpcState(sealKey)(bundle, { ...anchor, registry }, now))).toBeUndefined();
  });

  test('of another chain, genesis or registry is refused', async () => {
    const { chain, bundle } = await sampleTenant();
    const others = [{ chain: 'memory:other' }, { genesis: `0x${'11'.repeat(32)}` as const }, { registry: 'other' }];
    for (const other of others) {
      expect(codeOf(() => openRpcState(sealKey)(bundle, { ...chain.anchor(), ...other }, now))).toBe('WRONG_CHAIN');
    }
  });

  test('that is too large is refused before it is read', () => {
    expect(codeOf(() => openBundle(new Uint8Array(MAX_BUNDLE_BYTES + 1), sealKey))).toBe('ENDLESS_DATA');
  });

  test('with a good seal and bad content is refused', async () => {
    const { bundle } = await sampleTenant();
    const good = JSON.parse(Buffer.from(bundle.subarray(32)).toString()) as Record<string, unknown>;
    const bad = ['', '{', '[]', 'null', { ...good, more: 1 }, { ...good, heads: {} }, { ...good, block: null }];
    const numbers = { ...good, approvalThreshold: '0' };
    const digits = { ...good, block: { height: '01', hash: `0x${'11'.repeat(32)}`, time: '1' } };
    for (const one of [...bad, numbers, digits]) {
      const content = Buffer.from(typeof one === 'string' ? one : JSON.stringify(one));
      const sealed = Buffer.concat([createHmac('sha256', sealKey).update(content).digest(), content]);
      expect(codeOf(() => openBundle(sealed, sealKey))).toBe('SCHEMA');
    }
  });
});

describe('the seal key', () => {
  test('is HKDF-SHA256 of the private key (RFC 5869, worked out by hand)', () => {
    const privateKey = Buffer.alloc(32, 7);
    const extracted = createHmac('sha256', Buffer.alloc(32)).update(privateKey).digest();
    const expanded = createHmac('sha256', extracted).update('dewproof/v1/rpc-state-seal\x01').digest();
    expect(Buffer.from(deriveSealKey({ privateKey }))).toEqual(expanded);
  });
});
