import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { bytes32Of, digestOfByte } from '../../../chain/conformance/command-arbitrary.ts';
import { openRpc } from '../../../chain/evm/json-rpc.ts';
import { loadProofCrypto } from '../../../chain/light/crypto/load-crypto.ts';
import { buildBundle } from '../../../chain/light/make/build-bundle.ts';
import { claimedSlots } from '../../../chain/light/make/claimed-slots.ts';
import { chooseClaims } from '../../../chain/light/make/choose-claims.ts';
import { readHeader } from '../../../chain/light/make/read-header.ts';
import { readNodes } from '../../../chain/light/make/read-nodes.ts';
import { createOpenState } from '../../../chain/light/open-state.ts';
import { hasCode } from '../../../core/errors.ts';
import { ANY_RESOURCE, ANYONE } from '../../../core/ids.ts';
import type { LedgerCommand } from '../../../core/ledger/commands.ts';
import { NEVER } from '../../../core/policy.ts';
import type { Anchor } from '../../../core/state/anchor.ts';
import { parseAccount } from '../../../core/account.ts';
import { readState } from '../../../cli/ledger/read-state.ts';
import { deployEvmTenant, type EvmTenant } from '../../support/evm-tenant.ts';
import { startAnvil, startHardhat, type DevNode } from '../../support/nodes.ts';
import { serve } from '../../support/serve.ts';
import { runDewproof } from '../../cli/run-dewproof.ts';
import { createValidators, sealAsQbft, type TestValidator } from '../../support/test-validators.ts';
import { createWitnesses, noteOn } from '../../support/test-witnesses.ts';

const crypto = await loadProofCrypto();
const openState = createOpenState(crypto);
const group = bytes32Of(0xb1);
const resource = bytes32Of(0xa1);
const other = bytes32Of(0xa2);
const absent = bytes32Of(0xa9);
const role = bytes32Of(0xf1);
const nodes: DevNode[] = [];
afterAll(async () => {
  for (const node of nodes) await node.kill();
});

async function submit(
  tenant: EvmTenant,
  actor: Parameters<EvmTenant['openLedger']>[0],
  commands: readonly LedgerCommand[],
) {
  const ledger = await tenant.openLedger(actor);
  for (const command of commands) await ledger.submit(command);
  await ledger.close();
}

const proposalOf = (version: bigint, of = resource) =>
  ({ type: 'propose', proposals: [{ resource: of, version, digest: digestOfByte(0xc1), group }] }) as const;

/** A tenant with something in every mapping that a bundle proves. */
async function fill(tenant: EvmTenant): Promise<void> {
  const { device, stranger } = tenant.accounts;
  await submit(tenant, 'registrar', [
    { type: 'enrol-device', account: device, kind: 'edge', group, profile: digestOfByte(7) },
    { type: 'enrol-device', account: stranger, kind: 'dew', group, profile: undefined },
    { type: 'set-device-status', account: stranger, status: 'suspended' },
  ]);
  await submit(tenant, 'publisher', [proposalOf(1n), proposalOf(5n), proposalOf(2n, other)]);
  await submit(tenant, 'revoker', [{ type: 'revoke', resource: other, version: 2n }]);
  const grant = { type: 'set-grant', actions: ['read', 'manage'], offline: true, expiresAt: NEVER } as const;
  await submit(tenant, 'policy-admin', [
    { ...grant, resource, subject: role },
    { ...grant, resource: ANY_RESOURCE, subject: ANYONE, actions: ['read'], offline: false },
    { ...grant, resource: other, subject: role },
    { type: 'revoke-grant', resource: other, subject: role },
    { type: 'set-member', role, account: stranger, expiresAt: 4_000_000_000n },
  ]);
}

/** What a maker reads of a node: the ledger's state, its header and the nodes that prove it. */
async function read(tenant: EvmTenant, node: DevNode) {
  const ledger = await tenant.openLedger();
  const state = await readState(ledger);
  await ledger.close();
  const claims = chooseClaims(state, { account: tenant.accounts.device, group, resources: [absent] });
  const height = state.block?.height ?? 0n;
  const deps = { rpc: openRpc({ url: node.url }), crypto };
  const header = await readHeader({ height }, deps);
  if (!header) throw new Error('no header');
  const registry = parseAccount(tenant.deployed.anchor.registry);
  const slots = claimedSlots(claims, crypto);
  return { state, claims, header, found: await readNodes({ contract: registry, slots, height }, deps) };
}

const starters = [
  { name: 'anvil', start: () => startAnvil({ args: ['--accounts', '20'] }) },
  { name: 'hardhat', start: () => startHardhat() },
];

describe.each(starters)('bundles of the state of $name', ({ start }) => {
  let shared: Promise<{ node: DevNode; tenant: EvmTenant; parts: Awaited<ReturnType<typeof read>> }> | undefined;
  const prepare = () =>
    (shared ??= (async () => {
      const node = await start();
      nodes.push(node);
      const tenant = await deployEvmTenant(node, { approvalThreshold: 0 });
      await fill(tenant);
      return { node, tenant, parts: await read(tenant, node) };
    })());

  async function open(anchor: Anchor, vouchers: { header: Uint8Array; note: Uint8Array | undefined }) {
    const { parts } = await prepare();
    const { claims, found } = parts;
    const bundle = buildBundle({ claims, vouchers: { ...vouchers, changes: [] }, nodes: found }, { anchor, crypto });
    return openState(bundle, anchor, 0n);
  }

  async function verifyFacts(state: Awaited<ReturnType<typeof open>>): Promise<void> {
    const { tenant, parts } = await prepare();
    const { device, stranger } = tenant.accounts;
    const ledger = parts.state;
    expect(state.device(device)).toEqual(ledger.devices.get(device));
    expect(state.device(stranger)).toEqual(ledger.devices.get(stranger));
    expect(state.record(resource)).toEqual(ledger.heads.get(resource));
    expect(state.record(resource)?.version).toBe(5n);
    expect(state.record(other)?.status).toBe('revoked');
    expect(state.record(absent)).toBeUndefined();
    expect(state.grant(resource, role)).toEqual(ledger.grants.get(resource)?.get(role));
    expect(state.grant(ANY_RESOURCE, ANYONE)?.actions).toEqual(['read']);
    expect(state.grant(other, role)).toBeUndefined();
    expect(state.memberUntil(role, stranger)).toBe(4_000_000_000n);
  }

  test('open under the notes of two of three witnesses', async () => {
    const { tenant, parts } = await prepare();
    const witnesses = createWitnesses(3);
    const trusted = witnesses.map(({ name, publicKey }) => ({ name, publicKey }));
    const anchor: Anchor = { ...tenant.deployed.anchor, finality: { kind: 'witnesses', witnesses: trusted } };
    const header = parts.header.raw;
    const note = noteOn(header, { anchor, signers: witnesses.slice(1) });
    const state = await open(anchor, { header, note });
    await verifyFacts(state);
    expect(state.block).toEqual(parts.state.block);
    const alone = noteOn(header, { anchor, signers: witnesses.slice(0, 1) });
    await expect(open(anchor, { header, note: alone })).rejects.toMatchObject({ code: 'QUORUM' });
  });

  test.each([4, 7])('open re-sealed by exactly a quorum of %i validators', async (count) => {
    const { tenant, parts } = await prepare();
    const validators = createValidators(count);
    const accounts = validators.map(({ account }) => account);
    const finality = {
      kind: 'qbft',
      validators: accounts,
      height: 0,
      hash: bytes32Of(1),
      epochLength: 30_000,
    } as const;
    const anchor: Anchor = { ...tenant.deployed.anchor, finality: { ...finality, validators: [...accounts] } };
    const quorum = Math.ceil((2 * count) / 3);
    const sealed = (sealers: readonly TestValidator[]) =>
      sealAsQbft(parts.header.raw, { validators: accounts, sealers, round: 1n });
    await verifyFacts(await open(anchor, { header: sealed(validators.slice(0, quorum)), note: undefined }));
    const fewer = open(anchor, { header: sealed(validators.slice(0, quorum - 1)), note: undefined });
    await expect(fewer).rejects.toMatchObject({ code: 'QUORUM' });
  });

  test('are exported by the command line, and verified there', async () => {
    const { tenant, parts, node } = await prepare();
    const folder = mkdtempSync(join(tmpdir(), 'dewproof-export-'));
    onTestFinished(() => {
      rmSync(folder, { recursive: true, force: true });
    });
    const at = (name: string) => join(folder, name);
    const witnesses = createWitnesses(3);
    const trusted = witnesses.map(({ name, publicKey }) => ({ name, publicKey }));
    const anchor = { ...tenant.deployed.anchor, finality: { kind: 'witnesses', witnesses: trusted } } as const;
    writeFileSync(at('anchor.json'), JSON.stringify(anchor));
    const note = noteOn(parts.header.raw, { anchor, signers: witnesses.slice(0, 2) });
    writeFileSync(at('block.note'), note);
    const shared = ['--anchor', at('anchor.json'), '-o', 'json'];
    const words = ['bundle', 'export', at('device.bundle'), '--device', tenant.accounts.device, '--url', node.url];
    // What happens after the noted block is no part of its bundle.
    await submit(tenant, 'publisher', [proposalOf(parts.state.heads.get(resource)?.version === 5n ? 6n : 7n)]);
    const exported = await runDewproof([...words, ...shared, '--note', at('block.note')]);
    expect(exported).toMatchObject({ exitCode: 0, stderr: '' });
    const again = await runDewproof([...words, ...shared, '--note', at('block.note')]);
    expect(again.code).toBe('CONFLICT');
    // Each witness by itself has too little; two of three, asked over HTTP, are enough.
    const urls = await Promise.all(
      witnesses.map((one) => serveNote(noteOn(parts.header.raw, { anchor, signers: [one] }))),
    );
    const named = witnesses.map(({ name }, index) => `${name}=${urls[index] ?? ''}`);
    const collected = ['bundle', 'export', at('collected.bundle'), ...words.slice(3), ...shared, '--witness'];
    expect((await runDewproof([...collected, named[0] ?? ''])).code).toBe('QUORUM');
    expect((await runDewproof([...collected, `stranger=${urls[0] ?? ''}`])).code).toBe('USAGE');
    expect(await runDewproof([...collected, named.slice(1).join(',')])).toMatchObject({ exitCode: 0 });
    expect(await runDewproof(['bundle', 'verify', at('collected.bundle'), '--no-clock', ...shared])).toMatchObject({
      exitCode: 0,
    });
    const verified = await runDewproof(['bundle', 'verify', at('device.bundle'), '--no-clock', ...shared]);
    expect(verified).toMatchObject({ exitCode: 0, stderr: '' });
    expect(verified.stdout).toContain('version 5, active');
    expect(verified.stdout).toContain(parts.state.block?.hash ?? 'no block');
  });

  test('are not made of what the ledger does not say', async () => {
    const { tenant, parts } = await prepare();
    const { claims, found } = parts;
    const heads = claims.heads.map(({ resource: of, head }) => ({
      resource: of,
      head: head && { ...head, version: 9n },
    }));
    const vouchers = { header: parts.header.raw, changes: [], note: undefined };
    const { anchor } = tenant.deployed;
    const make = (claimed: typeof claims, named: Anchor) =>
      buildBundle({ claims: claimed, vouchers, nodes: found }, { anchor: named, crypto });
    const codeOf = (work: () => unknown) => {
      try {
        work();
        return undefined;
      } catch (error) {
        return hasCode(error) ? error.code : String(error);
      }
    };
    expect(codeOf(() => make(claims, anchor))).toBeUndefined();
    expect(codeOf(() => make({ ...claims, heads }, anchor))).toBe('PROOF_INVALID');
    expect(codeOf(() => make(claims, { ...anchor, codeHash: bytes32Of(1) }))).toBe('WRONG_CHAIN');
  });
});

/** A witness's face as far as its notes go. */
async function serveNote(note: Uint8Array): Promise<string> {
  const { url, close } = await serve((_request, response) => response.end(note));
  onTestFinished(close);
  return url;
}
