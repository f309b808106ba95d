import { AbiCoder, getAddress, keccak256, toBeHex, zeroPadValue } from 'ethers';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessManagerCodeHash } from '../../chain/evm/generated/access-manager.ts';
import { registryCodeHash } from '../../chain/evm/generated/registry.ts';
import { grantFields, registrySlots } from '../../chain/evm/generated/slots.ts';
import { deployRegistry, type DeployedRegistry } from './registry.ts';

const coder = AbiCoder.defaultAbiCoder();
const NEVER = 2n ** 64n - 1n;
const zero = `0x${'00'.repeat(32)}`;

const bytes32 = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}`)
  .filter((hex) => hex !== zero);
const roleId = bytes32.filter((hex) => BigInt(hex) >> 160n > 0n && hex !== `0x${'ff'.repeat(32)}`);
const account = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((bytes) => getAddress(`0x${Buffer.from(bytes).toString('hex')}`))
  .filter((address) => BigInt(address) !== 0n);
const expiry = fc.bigInt({ min: 4_000_000_000n, max: NEVER });

let deployed: DeployedRegistry;
let address: string;

beforeAll(async () => {
  deployed = await deployRegistry({ threshold: 0 });
  address = await deployed.registry.getAddress();
});

afterAll(async () => {
  await deployed.close();
});

function slotOf(mapping: bigint, ...keys: readonly string[]): string {
  return keys.reduce((slot, key) => keccak256(zeroPadValue(key, 32) + slot.slice(2)), toBeHex(mapping, 32));
}

/** What stands in a slot, as the node says it and as its proof says it. */
async function valueAt(slot: string): Promise<string> {
  const value = await deployed.provider.getStorage(address, slot);
  const proof = (await deployed.provider.send('eth_getProof', [address, [slot], 'latest'])) as {
    codeHash: string;
    storageProof: readonly { key: string; value: string }[];
  };
  expect(proof.codeHash).toBe(registryCodeHash);
  expect(BigInt(proof.storageProof[0]?.value ?? -1)).toBe(BigInt(value));
  return value;
}

function fieldOf(word: bigint, { offset, bytes }: { offset: number; bytes: number }): bigint {
  return BigInt.asUintN(8 * bytes, word >> BigInt(8 * offset));
}

async function read(name: string, ...args: readonly unknown[]): Promise<unknown> {
  return (await deployed.registry.getFunction(name).staticCall(...args)) as unknown;
}

// Each sample is several transactions.
const few = { numRuns: 20 };

test('a head stands hashed in its one slot, active or revoked', async () => {
  const version = fc.bigInt(1n, 1000n);
  await fc.assert(
    fc.asyncProperty(bytes32, version, bytes32, bytes32, async (resource, version, digest, group) => {
      const slot = slotOf(registrySlots.headHash, resource);
      expect(await valueAt(slot)).toBe(zero);
      await deployed.call('propose', { resource, version, digest, group });
      for (const status of [1n, 2n]) {
        if (status === 2n) await deployed.call('revoke', resource, version);
        const types = ['uint64', 'bytes32', 'bytes32', 'uint8'];
        const hash = keccak256(coder.encode(types, [version, digest, group, status]));
        expect(await valueAt(slot)).toBe(hash);
        expect(await read('headHash', resource)).toBe(hash);
        expect(await read('head', resource)).toEqual([version, status, digest, group]);
      }
    }),
    few,
  );
});

test('a device stands hashed in its one slot, whatever its status', async () => {
  const kind = fc.bigInt(1n, 6n);
  await fc.assert(
    fc.asyncProperty(account, kind, bytes32, bytes32, async (device, kind, group, profile) => {
      const slot = slotOf(registrySlots.deviceHead, device);
      expect(await valueAt(slot)).toBe(zero);
      await deployed.call('enrol', device, kind, group, profile);
      for (const status of [1n, 2n, 3n]) {
        if (status > 1n) await deployed.call('setDeviceStatus', device, status);
        const types = ['uint8', 'bytes32', 'uint8', 'bytes32'];
        const hash = keccak256(coder.encode(types, [kind, group, status, profile]));
        expect(await valueAt(slot)).toBe(hash);
        expect(await read('deviceHead', device)).toBe(hash);
        expect(await read('device', device)).toEqual([kind, status, group, profile]);
      }
    }),
    few,
  );
});

test('a grant stands packed in its one slot until it is revoked', async () => {
  const actions = fc.bigInt(1n, 15n);
  await fc.assert(
    fc.asyncProperty(
      bytes32,
      bytes32,
      actions,
      fc.boolean(),
      expiry,
      async (resource, subject, actions, offline, expiresAt) => {
        const slot = slotOf(registrySlots.grant, resource, subject);
        expect(await valueAt(slot)).toBe(zero);
        await deployed.call('setGrant', resource, subject, actions, offline, expiresAt);
        const word = BigInt(await valueAt(slot));
        expect(fieldOf(word, grantFields.actions)).toBe(actions);
        expect(fieldOf(word, grantFields.offline)).toBe(offline ? 1n : 0n);
        expect(fieldOf(word, grantFields.expiresAt)).toBe(expiresAt);
        expect(word >> 80n).toBe(0n);
        expect(await read('grant', resource, subject)).toEqual([actions, offline, expiresAt]);
        await deployed.call('revokeGrant', resource, subject);
        expect(await valueAt(slot)).toBe(zero);
      },
    ),
    few,
  );
});

test('a membership stands in its one slot until it is removed', async () => {
  await fc.assert(
    fc.asyncProperty(roleId, account, expiry, async (role, member, expiresAt) => {
      const slot = slotOf(registrySlots.member, role, member);
      expect(await valueAt(slot)).toBe(zero);
      await deployed.call('setMember', role, member, expiresAt);
      expect(BigInt(await valueAt(slot))).toBe(expiresAt);
      expect(await read('memberUntil', role, member)).toBe(expiresAt);
      await deployed.call('removeMember', role, member);
      expect(await valueAt(slot)).toBe(zero);
    }),
    few,
  );
});

test('the generated code hashes are those of every deployment', async () => {
  const other = await deployRegistry({ threshold: 3 });
  for (const { provider, registry, manager } of [deployed, other]) {
    expect(keccak256(await provider.getCode(registry))).toBe(registryCodeHash);
    expect(keccak256(await provider.getCode(manager))).toBe(accessManagerCodeHash);
  }
  await other.close();
});
