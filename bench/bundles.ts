import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { deployTenant } from '../chain/evm/deploy-tenant.ts';
import { openEvmLedger } from '../chain/evm/evm-ledger.ts';
import { openRpc } from '../chain/evm/json-rpc.ts';
import { openLocalAccount, type LocalAccount } from '../chain/evm/local-account.ts';
import { quantity } from '../chain/evm/rpc-schemas.ts';
import { loadProofCrypto } from '../chain/light/crypto/load-crypto.ts';
import { toHex } from '../chain/light/hex.ts';
import { createBundleMaker } from '../chain/light/make/bundle-maker.ts';
import { openVouching } from '../chain/light/make/open-vouching.ts';
import { readHeader } from '../chain/light/make/read-header.ts';
import { blockHash } from '../chain/light/qbft/header-hash.ts';
import { makeNote } from '../chain/light/witness/make-note.ts';
import { noteBody } from '../chain/light/witness/note-body.ts';
import { readState } from '../cli/ledger/read-state.ts';
import { digestOf } from '../core/digest.ts';
import { groupIdOf, resourceIdOf } from '../core/ids.ts';
import type { LedgerCommand } from '../core/ledger/commands.ts';
import type { Proposal } from '../core/ledger/records.ts';
import type { Anchor, AnchorOf } from '../core/state/anchor.ts';
import { fundAccounts } from '../scripts/site/chain-process.ts';
import { startProcess } from '../scripts/site/processes.ts';
import { flood } from './flood.ts';
import type { Figure } from './report.ts';
import { median, timed } from './statistics.ts';

const tenant = 'greenfields';
const resources = 1_000;
// Hardhat takes no transaction of more than 16,777,216 gas.
const batchSize = 50;
const changes = 5;
const group = groupIdOf({ tenant, name: 'bench' });

const sampleFile = new URL('../test/vectors/bundle-four-validators.json', import.meta.url);
const sampleSchema = z.object({ bundle: z.base64() });
const rounds = 15;
const load = { requests: 8_000, connections: 32 };

/** What a dew spends on its group's bundle after a change of 1,000 resources, and how fast it serves a small one. */
export async function benchBundles({ url, folder }: { url: string; folder: string }): Promise<readonly Figure[]> {
  return [...(await benchPreparing(url)), ...(await benchRoute(folder))];
}

async function benchPreparing(url: string): Promise<readonly Figure[]> {
  const actors = { publisher: openLocalAccount(randomBytes(32)), approver: openLocalAccount(randomBytes(32)) };
  const rpcAnchor = await deploy(url, actors);
  await publishAll(rpcAnchor, actors);
  const { anchor, maker } = await openMaker(rpcAnchor, url);
  const samples: { prepareMs: number; joinMs: number; bytes: number }[] = [];
  for (let change = 1; change <= changes; change += 1) {
    await activate(rpcAnchor, { ...actors, proposals: [proposal({ name: 'one-0', version: BigInt(change + 1) })] });
    samples.push(await prepareOnce(anchor, maker));
  }
  const prepareMs = median(samples.map((sample) => sample.prepareMs));
  const joinMs = median(samples.map((sample) => sample.joinMs));
  const bytes = samples[0]?.bytes ?? 0;
  const how = `hardhat node, median of ${changes}; ${bytes} B`;
  return [
    { what: `proofs of ${resources} resources prepared after a change`, value: prepareMs, unit: 'ms', how },
    { what: 'the same facts under a newer head', value: joinMs, unit: 'ms', how: 'node not asked for slots' },
  ];
}

async function prepareOnce(anchor: AnchorOf<'rpc'>, maker: Awaited<ReturnType<typeof openMaker>>['maker']) {
  const ledger = await openEvmLedger({ anchor });
  const state = await readState(ledger).finally(() => ledger.close());
  const { signal } = new AbortController();
  const { block } = state;
  if (!block) throw new TypeError('the ledger has no block');
  const prepared = await timed(async () => {
    const vouched = await maker.vouch(block, signal);
    if (!vouched) throw new TypeError(`nobody vouches for block ${block.height}`);
    const facts = await maker.prepare({ state, audience: { group }, formerly: [], vouched }, signal);
    return { facts, vouched, head: maker.join(facts, vouched) };
  });
  const { facts, vouched, head } = prepared.answer;
  const joined = await timed(() => {
    const again = maker.join(facts, vouched);
    return Promise.resolve(Buffer.concat([again.head, facts.facts, again.account, facts.slots]));
  });
  const bytes = [head.head, head.account, facts.facts, facts.slots].reduce((sum, { length }) => sum + length, 0);
  return { prepareMs: prepared.ms, joinMs: joined.ms, bytes };
}

interface Actors {
  readonly publisher: LocalAccount;
  readonly approver: LocalAccount;
}

async function deploy(url: string, { publisher, approver }: Actors): Promise<AnchorOf<'rpc'>> {
  const guardian = openLocalAccount(randomBytes(32));
  await fundAccounts(url, [publisher.account, approver.account]);
  const { anchor } = await deployTenant({
    url,
    deployer: publisher,
    tenant,
    approvalThreshold: 1,
    members: [
      { account: publisher.account, role: 'publisher' },
      { account: approver.account, role: 'approver' },
      { account: publisher.account, role: 'admin' },
      { account: guardian.account, role: 'guardian' },
    ],
  });
  return anchor as AnchorOf<'rpc'>;
}

async function publishAll(anchor: Anchor, actors: Actors): Promise<void> {
  for (let batch = 0; batch < resources / batchSize; batch += 1) {
    const proposals = Array.from({ length: batchSize }, (_, index) =>
      proposal({ name: batch === 0 && index === 0 ? 'one-0' : `many-${batch}-${index}`, version: 1n }),
    );
    await activate(anchor, { ...actors, proposals });
  }
}

async function activate(anchor: Anchor, { publisher, approver, proposals }: Actors & { proposals: Proposal[] }) {
  await submit(anchor, { signer: publisher, command: { type: 'propose', proposals } });
  await submit(anchor, { signer: approver, command: { type: 'approve', proposals } });
}

async function submit(anchor: Anchor, { signer, command }: { signer: LocalAccount; command: LedgerCommand }) {
  const ledger = await openEvmLedger({ anchor, signer, pollMs: 5 });
  await ledger.submit(command).finally(() => ledger.close());
}

function proposal({ name, version }: { name: string; version: bigint }): Proposal {
  const digest = digestOf(createHash('sha256').update(`${name} ${version}`).digest());
  return { resource: resourceIdOf({ tenant, name }), version, digest, group };
}

/** One witness, of this process, who signs whatever the node's newest block is. */
async function openMaker(rpcAnchor: AnchorOf<'rpc'>, url: string) {
  const pair = generateKeyPairSync('ed25519');
  const privateKey = createPrivateKey(pair.privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  const witness = { name: 'bench', publicKey: toHex(spki.subarray(-32)), privateKey };
  const { name, publicKey } = witness;
  const anchor: Anchor = { ...rpcAnchor, finality: { kind: 'witnesses', witnesses: [{ name, publicKey }] } };
  const deps = { rpc: openRpc({ url }), anchor, crypto: await loadProofCrypto() };
  const ask = async () => {
    const height = await deps.rpc.call({ method: 'eth_blockNumber', params: [], answer: quantity });
    const header = await readHeader({ height }, deps);
    if (!header) return undefined;
    const body = noteBody({ ...anchor, height, hash: toHex(blockHash(header, deps.crypto)) });
    return Buffer.from(makeNote({ body, time: header.time }, { witness }));
  };
  const vouching = openVouching(
    deps,
    {
      ask,
      onTrouble: ({ error }) => {
        throw error;
      },
    },
    { sharedMs: 0 },
  );
  return { anchor: rpcAnchor, maker: createBundleMaker({ ...deps, vouching }) };
}

async function benchRoute(folder: string): Promise<readonly Figure[]> {
  const { bundle } = sampleSchema.parse(JSON.parse(await readFile(sampleFile, 'utf8')));
  const bytes = Buffer.from(bundle, 'base64');
  const file = join(folder, 'bench.bundle');
  await writeFile(file, bytes);
  const [dew, plain] = await Promise.all(
    ['bundle-server.ts', 'plain-server.ts'].map((script) =>
      startProcess({
        name: script,
        command: process.execPath,
        args: [join('bench', script), file],
        logFile: join(folder, `${script}.log`),
        isReady: (line) => line.startsWith('http://'),
      }),
    ),
  );
  if (!dew || !plain) throw new TypeError('no servers');
  try {
    const samples: { dew: number; plain: number }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      samples.push({ dew: await flood(dew.line, load), plain: await flood(plain.line, load) });
    }
    const how = `${bytes.length} B, ${load.requests} requests over ${load.connections} connections, median of ${rounds}`;
    return [
      { what: 'dew: a bundle', value: median(samples.map((sample) => sample.dew)), unit: '1/s', how },
      { what: 'node:http: the same bytes', value: median(samples.map((sample) => sample.plain)), unit: '1/s', how },
      {
        what: 'dew / node:http',
        value: median(samples.map((sample) => sample.dew / sample.plain)),
        unit: 'x',
        how: 'median of the rounds, each in turn',
      },
    ];
  } finally {
    await Promise.all([dew.process.stop(), plain.process.stop()]);
  }
}
