import { describe, expect, test } from 'vitest';
import { createOpenState } from '../../../../chain/light/open-state.ts';
import { nobleCrypto } from '../../../../chain/light/crypto/noble-crypto.ts';
import { ANYONE } from '../../../../core/ids.ts';
import { verifyAccess } from '../../../../core/policy.ts';
import { anchorSchema } from '../../../../core/state/anchor.ts';
import { codeOf } from '../../../core/support/code-of.ts';
import { four, NOW, qbftAnchor, qbftBundle, tamper, witnessAnchor } from '../../../support/test-bundles.ts';
import { absentResource, device, group, resources, role, tenantState } from '../../../support/test-registry.ts';

const openState = createOpenState(nobleCrypto);
const anchor = qbftAnchor(four);
const state = openState(qbftBundle(four), anchor, NOW);
const [climate, revoked] = resources;

describe('a state opened from a bundle', () => {
  test('is the anchor’s ledger at the proved block', () => {
    expect(state.identity).toEqual({ chain: anchor.chain, genesis: anchor.genesis, registry: anchor.registry });
    expect(state.block).toMatchObject({ height: 500n, time: 1_700_000_500n });
    expect(state.attestedAt).toBe(1_700_000_500n);
  });

  test('answers what is proved, present and absent', () => {
    expect(state.record(climate)).toEqual(tenantState.heads.get(climate));
    expect(state.record(revoked)?.status).toBe('revoked');
    expect(state.record(absentResource)).toBeUndefined();
    expect(state.device(device)).toEqual(tenantState.devices.get(device));
    expect([...state.resourcesOf(group)].sort()).toEqual([...resources]);
    expect(state.resourcesOf(`0x${'b2'.repeat(32)}`)).toEqual([]);
    expect(state.rolesNamedFor(climate)).toEqual([role]);
    expect(state.grant(climate, ANYONE)).toBeUndefined();
  });

  test('never answers "absent" of what the bundle leaves out', () => {
    expect(codeOf(() => state.record(`0x${'12'.repeat(32)}`))).toBe('NOT_PROVED');
    expect(codeOf(() => state.device(`0x${'12'.repeat(20)}`))).toBe('NOT_PROVED');
    const less = tamper(qbftBundle(four), ({ heads, devices }) => ({ heads, devices }));
    expect(codeOf(() => openState(less, anchor, NOW))).toBeUndefined();
  });

  test('lets callers in by what is proved, and nobody by what is not', () => {
    const ask = (account: `0x${string}` | undefined, resource = climate) =>
      codeOf(() => verifyAccess({ account, resource, action: 'read', now: NOW }, state));
    expect(ask(`0x${'ee'.repeat(20)}`)).toBeUndefined();
    expect(ask(`0x${'ef'.repeat(20)}`)).toBe('FORBIDDEN');
    expect(ask(undefined)).toBe('UNAUTHENTICATED');
    expect(ask(`0x${'ee'.repeat(20)}`, `0x${'12'.repeat(32)}`)).toBe('FORBIDDEN');
  });
});

describe('an anchor’s finality', () => {
  const witnessed = witnessAnchor();
  const accepts = (value: unknown) => anchorSchema.safeParse(value).success;
  const [first, second] = witnessed.finality.witnesses;
  test('is of one of three kinds', () => {
    expect(accepts(anchor)).toBe(true);
    expect(accepts(witnessed)).toBe(true);
    expect(accepts({ ...anchor, finality: { kind: 'rpc', url: 'http://127.0.0.1:8545', confirmations: 2 } })).toBe(
      true,
    );
    expect(accepts({ ...anchor, finality: { ...anchor.finality, kind: 'clique' } })).toBe(false);
  });
  test.each<[string, object]>([
    ['no validators', { ...anchor.finality, validators: [] }],
    ['validators out of order', { ...anchor.finality, validators: [...anchor.finality.validators].reverse() }],
    ['a validator twice', { ...anchor.finality, validators: anchor.finality.validators.flatMap((one) => [one, one]) }],
    [
      'an address in capitals',
      { ...anchor.finality, validators: anchor.finality.validators.map((one) => one.toUpperCase()) },
    ],
    ['a field more', { ...anchor.finality, url: 'http://127.0.0.1:8545' }],
    ['no witnesses', { kind: 'witnesses', witnesses: [] }],
    ['one key under two names', { kind: 'witnesses', witnesses: [first, { ...first, name: 'other' }] }],
    ['one name for two keys', { kind: 'witnesses', witnesses: [first, { ...second, name: first?.name }] }],
    ['a name with a space', { kind: 'witnesses', witnesses: [{ ...first, name: 'a b' }] }],
  ])('has not %s', (_, finality) => {
    expect(accepts({ ...anchor, finality })).toBe(false);
  });
});
