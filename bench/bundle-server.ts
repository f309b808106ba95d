// A whole dew whose one device has the bytes of a file for its bundle: what is measured is how they are served.
import { readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSignedBy } from '../cli/is-signed-by.ts';
import { createMemoryChain } from '../chain/memory/memory-ledger.ts';
import { anchorSchema } from '../core/state/anchor.ts';
import type { BundleMaker } from '../core/state/bundle-maker.ts';
import { startDew } from '../dew/start-dew.ts';
import { createLog } from '../platform/log.ts';

const bytes = readFileSync(process.argv[2] ?? '');
const account = `0x${'ab'.repeat(20)}` as const;
const tenant = 'greenfields';
const none = new Uint8Array(0);

const maker: BundleMaker = {
  vouch: (block) => Promise.resolve({ block, attestedAt: block.time, storageRoot: block.hash }),
  prepare: ({ vouched: { storageRoot } }) =>
    Promise.resolve({ storageRoot, facts: bytes, slots: none, slotCount: 0, tells: [], accounts: [account] }),
  join: () => ({ head: none, account: none }),
  recall: () => undefined,
};
const ledger = createMemoryChain({ permissions: new Map(), approvalThreshold: 1, now: () => 0n }).ledgerOf();
const bundles = { maker, verify: () => undefined, keepSeconds: 0 };
const bytes32 = `0x${'00'.repeat(32)}` as const;
const anchor = anchorSchema.parse({
  apiVersion: 'dewproof/v1',
  kind: 'Anchor',
  version: 1,
  tenant,
  chain: 'bench',
  genesis: bytes32,
  registry: 'bench',
  codeHash: bytes32,
  finality: { kind: 'rpc', url: 'http://127.0.0.1:1', confirmations: 0 },
});
const dew = await startDew({
  config: {
    dataFolder: await mkdtemp(join(tmpdir(), 'dewproof-bench-dew-')),
    host: '127.0.0.1',
    port: 0,
    mqttPort: 0,
    tenant,
    groups: ['bench'],
  },
  account,
  anchor,
  openSources: () => Promise.resolve({ ledger, bundles, close: () => Promise.resolve() }),
  verifyCall: () => Promise.resolve(undefined),
  isSignedBy,
  clock: Date.now,
  random: Math.random,
  log: createLog({ name: 'dew', level: 'silent' }, { write: () => undefined }),
});
while (dew.status().bundles?.groups.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
process.once('SIGTERM', () => void dew.close());
console.log(`${dew.url}/v1/bundles/${account}`);
