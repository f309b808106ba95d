import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRpc } from '../../chain/evm/json-rpc.ts';
import { readBlock } from '../../chain/evm/blocks.ts';
import { loadProofCrypto } from '../../chain/light/crypto/load-crypto.ts';
import { readHeader } from '../../chain/light/make/read-header.ts';
import { collectQuorum } from '../../chain/light/witness/collect-quorum.ts';
import type { Witness } from '../../chain/light/witness/cosignature.ts';
import type { QuorumNote } from '../../chain/light/witness/gather-notes.ts';
import { verifyNonceNotes } from '../../chain/light/witness/verify-nonce-notes.ts';
import { verifyWitnessed } from '../../chain/light/witness/verify-witnessed.ts';
import { defaultFreshness, type AnchorOf } from '../../core/state/anchor.ts';
import { openWitnessClient } from '../../platform/witness/witness-client.ts';
import { runDewproof } from '../cli/run-dewproof.ts';
import { askNode, startAnvil, startHardhat, until, type DevNode } from '../support/nodes.ts';
import { startDaemon, type StartedDaemon } from './cli-start.ts';

const CONFIRMATIONS = 3;
const crypto = await loadProofCrypto();

interface Party {
  readonly witness: Witness;
  readonly home: string;
  daemon: StartedDaemon;
}

const networks = [
  { name: 'hardhat', start: () => startHardhat(), reorganise: revertAndMine },
  { name: 'anvil', start: () => startAnvil(), reorganise: reorg },
];

describe.each(networks)('three witnesses of $name', ({ start, reorganise }) => {
  const folder = mkdtempSync(join(tmpdir(), 'dewproof-witnesses-'));
  let node: DevNode;
  let other: DevNode;
  let parties: [Party, Party, Party];
  let anchor: AnchorOf<'witnesses'>;
  /** Every block that a quorum ever signed here. */
  const signed = new Map<bigint, string>();

  beforeAll(async () => {
    // Two anvils that start within one second have one genesis block.
    [node, other] = await Promise.all([start(), startAnvil({ args: ['--timestamp', '1600000000'] })]);
    parties = [await joinIn('a'), await joinIn('b'), await joinIn('c')];
    anchor = await anchorOf(parties.map(({ witness }) => witness));
  });

  afterAll(async () => {
    await Promise.all(parties.map(({ daemon }) => daemon.stop('SIGKILL')));
    await Promise.all([node.kill(), other.kill()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const joinIn = async (name: string, url = node.url): Promise<Party> => {
    const home = join(folder, name);
    const words = ['--home', home, '--generate-password', '--confirmations', String(CONFIRMATIONS), '-o', 'json'];
    const made = await runDewproof(['witness', 'init', `${name}.example`, '--node', url, ...words]);
    expect(made.exitCode, made.stderr).toBe(0);
    return { witness: JSON.parse(made.stdout) as Witness, home, daemon: await startParty(home) };
  };

  const startParty = (home: string, more: readonly string[] = []): Promise<StartedDaemon> =>
    startDaemon(['witness', 'start', '--home', home, '--port', '0', '--every', '100ms', ...more]);

  const anchorOf = async (witnesses: readonly Witness[]): Promise<AnchorOf<'witnesses'>> => {
    const genesis = await readBlock(openRpc({ url: node.url }), { height: 0n });
    return {
      apiVersion: 'dewproof/v1',
      kind: 'Anchor',
      version: 1,
      tenant: 'greenfields',
      chain: 'eip155:31337',
      genesis: genesis?.hash ?? '0x',
      registry: `0x${'11'.repeat(20)}`,
      codeHash: `0x${'00'.repeat(32)}`,
      beginsAt: 0,
      ...defaultFreshness,
      finality: { kind: 'witnesses', witnesses: [...witnesses] },
    };
  };

  const collect = async (from: readonly Party[] = parties, by = anchor) => {
    const troubles: string[] = [];
    const found = await collectQuorum({
      anchor: by,
      ask: ({ witness, height }) => {
        const party = from.find((one) => one.witness.name === witness);
        if (!party) return Promise.resolve(undefined);
        return openWitnessClient({ url: party.daemon.url, timeoutMs: 4000 }).note(height);
      },
      onTrouble: ({ witness, error }) => troubles.push(`${witness} ${error.code}`),
    });
    if (found) {
      expect(signed.get(found.height) ?? found.hash).toBe(found.hash);
      signed.set(found.height, found.hash);
    }
    return { found, troubles };
  };

  const heightNow = async (): Promise<number> => Number(await askNode(node, { method: 'eth_blockNumber' }));

  /** Waits for the quorum on the newest block that is deep enough. */
  const quorumOnNewest = async (from?: readonly Party[], by?: AnchorOf<'witnesses'>): Promise<QuorumNote> => {
    const height = BigInt((await heightNow()) - CONFIRMATIONS);
    return until(async () => {
      const { found } = await collect(from, by);
      return found?.height === height && found;
    });
  };

  /** Waits until all of them signed it: a quorum may have while one of them is behind. */
  const allOnNewest = (): Promise<QuorumNote> =>
    until(async () => {
      const note = await quorumOnNewest();
      return note.signers.length === parties.length && note;
    });

  const refusalOf = async ({ daemon }: Party): Promise<unknown> => {
    const response = await fetch(`${daemon.url}/readyz`);
    return ((await response.json()) as { code?: unknown }).code;
  };

  test('make a note that the checker takes with the real header', async () => {
    await mine(node, 10);
    const { height, hash, note } = await quorumOnNewest();
    const head = await readHeader({ height }, { rpc: openRpc({ url: node.url }), crypto });
    if (!head) throw new TypeError('no header');
    const finalized = verifyWitnessed({ head, note }, { anchor, crypto });
    expect(finalized).toMatchObject({ hash, members: 3 });
    expect(finalized.signers.length).toBeGreaterThanOrEqual(2);
    expect(Number(finalized.attestedAt)).toBeGreaterThan(Date.now() / 1000 - 120);
  });

  test('sign a device’s nonce', async () => {
    await allOnNewest();
    const nonce = `0x${'5a'.repeat(32)}` as const;
    const answers = await Promise.all(
      parties.map(async ({ witness, daemon }) => ({
        witness: witness.name,
        note: await openWitnessClient({ url: daemon.url }).answer(nonce),
      })),
    );
    const { attestedAt, signers } = verifyNonceNotes({ nonce, answers }, { anchor });
    expect(signers).toHaveLength(3);
    expect(Math.abs(Number(attestedAt) - Date.now() / 1000)).toBeLessThan(60);
  });

  test('go on while one is killed, which comes back to the same notes', async () => {
    const [first, ...others] = parties;
    const before = await openWitnessClient({ url: first.daemon.url }).note('latest');
    expect(await first.daemon.stop('SIGKILL')).toBe('SIGKILL');
    await mine(node, 5);
    expect((await quorumOnNewest(others)).signers).toEqual(['b.example', 'c.example']);
    first.daemon = await startParty(first.home);
    await until(async () => (await collect()).found?.signers.length === 3);
    const height = BigInt(
      Buffer.from(before ?? '')
        .toString()
        .split('\n')[1] ?? '',
    );
    const again = await openWitnessClient({ url: first.daemon.url }).note(height);
    expect(Buffer.from(again ?? '').toString()).toBe(Buffer.from(before ?? '').toString());
  });

  test('go on while one is frozen', async () => {
    const { child } = parties[2].daemon;
    child.kill('SIGSTOP');
    try {
      await mine(node, 4);
      expect((await quorumOnNewest()).signers).toEqual(['a.example', 'b.example']);
    } finally {
      child.kill('SIGCONT');
    }
    await until(async () => (await collect()).found?.signers.length === 3);
  });

  test('go on while the node of one serves another chain, which it refuses', async () => {
    const [, , third] = parties;
    await third.daemon.stop();
    await mine(other, 30);
    third.daemon = await startParty(third.home, ['--node', other.url]);
    await until(async () => (await refusalOf(third)) === 'WRONG_CHAIN');
    await mine(node, 4);
    expect((await quorumOnNewest()).signers).toEqual(['a.example', 'b.example']);
    await third.daemon.stop();
    third.daemon = await startParty(third.home);
  });

  test('outvote one that signs another chain; with a second one frozen no new block counts', async () => {
    const liar = await joinIn('liar', other.url);
    try {
      const [first, second] = parties;
      const by = await anchorOf([first, second, liar].map(({ witness }) => witness));
      await until(async () => (await refusalOf(liar)) === undefined);
      await mine(node, 4);
      const last = await quorumOnNewest([first, second, liar], by);
      expect((await collect([first, second, liar], by)).troubles).toEqual(['liar.example PROOF_INVALID']);
      second.daemon.child.kill('SIGSTOP');
      try {
        await mine(node, 4);
        const ahead = BigInt((await heightNow()) - CONFIRMATIONS);
        await until(async () => (await openWitnessClient({ url: first.daemon.url }).note(ahead)) !== undefined);
        const { found } = await collect([first, second, liar], by);
        expect(found?.height ?? last.height).toBe(last.height);
      } finally {
        second.daemon.child.kill('SIGCONT');
      }
      await quorumOnNewest([first, second, liar], by);
    } finally {
      await liar.daemon.stop('SIGKILL');
    }
  });

  test('never sign what a reorganisation takes back', async () => {
    await quorumOnNewest();
    await reorganise(node, { depth: 2, whileThere: () => quorumOnNewest() });
    await mine(node, 6);
    const { height, hash } = await quorumOnNewest();
    expect(hash).toBe((await readBlock(openRpc({ url: node.url }), { height }))?.hash);
    for (const [at, of] of signed) {
      expect((await readBlock(openRpc({ url: node.url }), { height: at }))?.hash).toBe(of);
    }
  });

  test('refuse a chain that lost what they signed, and say so', async () => {
    await reorganise(node, { depth: 8, whileThere: allOnNewest });
    await mine(node, 12);
    for (const party of parties) await until(async () => (await refusalOf(party)) === 'EQUIVOCATION');
    const { found, troubles } = await collect();
    expect(found).toBeUndefined();
    expect(troubles.toSorted()).toEqual(parties.map(({ witness }) => `${witness.name} EQUIVOCATION`));
    const status = await runDewproof(['status', '--home', parties[0].home, '-o', 'json']);
    const { contradictions } = JSON.parse(status.stdout) as { contradictions: unknown[] };
    expect(contradictions).toHaveLength(1);
    expect(await parties[0].daemon.stop()).toBe(0);
    parties[0].daemon = await startParty(parties[0].home);
    await until(async () => (await refusalOf(parties[0])) === 'EQUIVOCATION');
  });
});

interface Reorganisation {
  /** How many blocks are mined, and lost again. */
  readonly depth: number;
  /** Awaited while they are in the chain. */
  readonly whileThere: () => Promise<unknown>;
}

async function mine(node: DevNode, count: number): Promise<void> {
  for (let mined = 0; mined < count; mined += 1) await askNode(node, { method: 'evm_mine' });
}

/** Mines `depth` blocks, takes them back and mines others in their place: hardhat knows no other reorganisation. */
async function revertAndMine(node: DevNode, { depth, whileThere }: Reorganisation): Promise<void> {
  const snapshot = await askNode(node, { method: 'evm_snapshot' });
  await mine(node, depth);
  const lost = (await askNode(node, { method: 'eth_getBlockByNumber', params: ['latest', false] })) as { hash: string };
  await whileThere();
  expect(await askNode(node, { method: 'evm_revert', params: [snapshot] })).toBe(true);
  await askNode(node, { method: 'evm_increaseTime', params: [60] });
  await mine(node, depth);
  const found = (await askNode(node, { method: 'eth_getBlockByNumber', params: ['latest', false] })) as {
    hash: string;
  };
  expect(found.hash).not.toBe(lost.hash);
}

async function reorg(node: DevNode, { depth, whileThere }: Reorganisation): Promise<void> {
  await mine(node, depth);
  await whileThere();
  const block = () => askNode(node, { method: 'eth_getBlockByNumber', params: ['latest', false] });
  const lost = (await block()) as { hash: string };
  await askNode(node, { method: 'evm_increaseTime', params: [60] });
  await askNode(node, { method: 'anvil_reorg', params: [depth, []] });
  const found = (await block()) as { hash: string };
  expect(found.hash).not.toBe(lost.hash);
}
