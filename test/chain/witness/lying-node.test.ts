import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { openRpc } from '../../../chain/evm/json-rpc.ts';
import { nobleCrypto } from '../../../chain/light/crypto/noble-crypto.ts';
import { createEvmWitnessNode } from '../../../chain/witness/evm-witness-node.ts';
import { runSigner } from '../../../chain/witness/run-signer.ts';
import { startForkingNode } from '../../support/forking-node.ts';
import { until } from '../../support/nodes.ts';
import { createTestDisk, createTestSigner, lookAt, servedBy } from '../../support/witness-world.ts';

async function openWorld() {
  const node = await startForkingNode();
  onTestFinished(() => node.close());
  node.mine(10);
  const rpc = openRpc({ url: node.url, timeoutMs: 2000 });
  const disk = createTestDisk();
  const signer = createTestSigner({ disk, node: createEvmWitnessNode({ rpc, crypto: nobleCrypto, confirmations: 2 }) });
  return { node, disk, signer };
}

const fields = ['number', 'hash', 'parentHash', 'timestamp', 'extraData', 'gasLimit', 'difficulty', 'nonce'];
const values: readonly unknown[] = [
  ...[null, true, -1, 1e308, '', '0x', '0x0', '0x00', '0xzz', 'latest', [], {}, '0x1'],
  `0x${'ff'.repeat(32)}`,
  `0x${'ff'.repeat(4096)}`,
];
const lie = fc.oneof(
  fc.record({ kind: fc.constant('whole' as const), value: fc.constantFrom(...values) }),
  fc.record({
    kind: fc.constant('field' as const),
    field: fc.constantFrom(...fields),
    value: fc.constantFrom(...values),
  }),
);

test('whatever its node answers, a witness says why with a code, signs nothing twice and goes on with the truth', async () => {
  const { node, signer } = await openWorld();
  expect(await lookAt(signer)).toBeUndefined();
  const served = new Map<bigint, string>();
  await fc.assert(
    fc.asyncProperty(lie, fc.nat({ max: 12 }), async (one, from) => {
      let answered = 0;
      node.mine(1);
      node.bend = (truth) => {
        answered += 1;
        if (answered <= from) return truth;
        if (one.kind === 'whole' || truth === null || typeof truth !== 'object') return one.value;
        return { ...truth, [one.field]: one.value };
      };
      // It throws what has no code: that would end the process, and systemd would start it for ever.
      await lookAt(signer);
      node.bend = (truth) => truth;
      expect(await lookAt(signer)).toBeUndefined();
      for (const [height, hash] of servedBy(
        signer,
        Array.from({ length: node.blocks.length }, (_, at) => BigInt(at)),
      )) {
        expect(served.get(height) ?? hash).toBe(hash);
        served.set(height, hash);
      }
      expect(signer.standing()).toMatchObject({ signed: { height: BigInt(node.blocks.length) - 3n } });
    }),
    { numRuns: 100 },
  );
}, 60_000);

test('a witness whose node forks below what it signed goes on looking, and signs again once the block is back', async () => {
  const { node, disk, signer } = await openWorld();
  const codes: string[] = [];
  const life = new AbortController();
  const running = runSigner(signer, {
    everyMs: 5,
    signal: life.signal,
    onTrouble: ({ code, message }) => {
      codes.push(code);
      expect(message).toMatch(/Ask the other operators/);
    },
  });
  await until(() => signer.standing().signed?.height === 8n);
  const before = node.blocks;
  node.blocks = before.slice(0, 6);
  node.mine(9, 'other');
  await until(() => codes.length > 2);
  expect(new Set(codes)).toEqual(new Set(['EQUIVOCATION']));
  expect(() => signer.latest()).toThrow(expect.objectContaining({ code: 'EQUIVOCATION' }));
  node.blocks = before;
  node.mine(4);
  await until(() => signer.standing().signed?.height === 12n);
  expect(signer.standing().trouble).toBeUndefined();
  expect(disk.records.contradictions).toHaveLength(1);
  life.abort();
  await running;
});
