import { describe, expect, test } from 'vitest';
import type { Account } from '../../../core/account.ts';
import { ANY_RESOURCE, accountSubject, resourceIdOf } from '../../../core/ids.ts';
import type { Grant, PolicyFacts } from '../../../core/policy.ts';
import {
  digestOfStatement,
  secretMessage,
  secretRecordSchema,
  statementOf,
} from '../../../core/secrets/secret-record.ts';
import type { SecretRecord } from '../../../core/secrets/secret-record.ts';
import { verifySecretRecord } from '../../../core/secrets/verify-secret-record.ts';
import type { IsSignedBy } from '../../../core/signatures.ts';
import { codeOf } from '../support/code-of.ts';

const author = `0x${'aa'.repeat(20)}` as const;
const other = `0x${'bb'.repeat(20)}` as const;
const ledger = { chain: 'eip155:1', genesis: `0x${'11'.repeat(32)}`, registry: `0x${'22'.repeat(20)}` } as const;
const asked = { tenant: 'greenfields', resource: 'climate', name: 'api-key' };
const resource = resourceIdOf({ tenant: 'greenfields', name: 'climate' });
const now = 1000n;

const record: SecretRecord = {
  apiVersion: 'dewproof/v1',
  kind: 'SecretRecord',
  ledger,
  ...asked,
  version: 5,
  commitment: `sha256:${'33'.repeat(32)}`,
  author,
  signature: `0x${'44'.repeat(64)}1b`,
};

function facts(grant: Partial<Grant> = {}): PolicyFacts {
  const held: Grant = {
    resource,
    subject: accountSubject(author),
    actions: ['manage'],
    offline: false,
    expiresAt: 2000n,
    ...grant,
  };
  return {
    grant: (of, subject) => (of === held.resource && subject === held.subject ? held : undefined),
    memberUntil: () => undefined,
    rolesNamedFor: () => [],
  };
}

type Changed = Partial<Parameters<typeof verifySecretRecord>[0]> & { readonly signer?: Account };
const verdict = ({ signer = author, ...changed }: Changed = {}) => {
  const question = { record, asked, ledger, facts: facts(), now, lastSeen: undefined, ...changed };
  const signed = secretMessage(statementOf(question.record));
  const isSignedBy: IsSignedBy = ({ account, message, signature }) =>
    account === signer && signature === question.record.signature && Buffer.from(message).equals(signed);
  return codeOf(() => verifySecretRecord(question, { isSignedBy }));
};
const seen = (version: number, of: SecretRecord = record) => ({ version, digest: digestOfStatement(statementOf(of)) });

describe('verifySecretRecord', () => {
  test("takes a manager's record, the first time, again, and after an older one", () => {
    for (const lastSeen of [undefined, seen(5), seen(4, { ...record, version: 4 })]) {
      expect(verdict({ lastSeen })).toBeUndefined();
    }
    expect(verdict({ facts: facts({ resource: ANY_RESOURCE }) })).toBeUndefined();
  });

  test.each([
    ["another chain's", { ledger: { ...ledger, chain: 'eip155:2' } }],
    ['another genesis', { ledger: { ...ledger, genesis: `0x${'12'.repeat(32)}` } }],
    ["another registry's", { ledger: { ...ledger, registry: `0x${'23'.repeat(20)}` } }],
  ] as const)('refuses %s', (_, changed) => {
    expect(verdict(changed)).toBe('WRONG_CHAIN');
  });

  test('takes a checksummed registry and a lower-case one as one ledger, either way round', () => {
    // EIP-55's own example.
    const checksummed = { ...ledger, registry: '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed' };
    const lowerCase = { ...ledger, registry: checksummed.registry.toLowerCase() };
    for (const signed of [checksummed, lowerCase]) {
      const of = { ...record, ledger: signed };
      for (const held of [checksummed, lowerCase]) expect(verdict({ record: of, ledger: held })).toBeUndefined();
      expect(verdict({ record: of })).toBe('WRONG_CHAIN');
    }
  });

  test.each(['tenant', 'resource', 'name'] as const)('refuses the record of another %s', (field) => {
    expect(verdict({ asked: { ...asked, [field]: 'else' } })).toBe('WRONG_RESOURCE');
  });

  test('refuses what its author did not sign', () => {
    expect(verdict({ signer: other })).toBe('UNAUTHENTICATED');
  });

  test.each<readonly [string, Partial<Grant>]>([
    ['reads alone', { actions: ['read', 'write', 'invoke'] }],
    ['managed until now', { expiresAt: now }],
    ['manages another resource', { resource: resourceIdOf({ tenant: 'greenfields', name: 'vents' }) }],
    ['has no grant', { subject: accountSubject(other) }],
  ])('refuses an author that %s', (_, grant) => {
    expect(verdict({ facts: facts(grant) })).toBe('FORBIDDEN');
  });

  test('goes neither back, nor to another of the same version, nor too far', () => {
    expect(verdict({ lastSeen: seen(6) })).toBe('ROLLBACK');
    expect(verdict({ lastSeen: seen(5, { ...record, commitment: null }) })).toBe('EQUIVOCATION');
    expect(verdict({ record: { ...record, version: 1005 }, lastSeen: seen(5) })).toBeUndefined();
    expect(verdict({ record: { ...record, version: 1006 }, lastSeen: seen(5) })).toBe('FAST_FORWARD');
  });
});

describe('secretRecordSchema', () => {
  test.each<readonly [string, object]>([
    ['a field more', { value: 'hunter2' }],
    ['version 0', { version: 0 }],
    ['half a version', { version: 1.5 }],
    ['no name', { name: 'API_KEY' }],
    ['a signature of another form', { signature: `0x${'44'.repeat(65)}` }],
    ['a short commitment', { commitment: 'sha256:33' }],
  ])('refuses %s', (_, changed) => {
    expect(secretRecordSchema.safeParse({ ...record, ...changed }).success).toBe(false);
    expect(secretRecordSchema.safeParse(record).success).toBe(true);
  });
});
