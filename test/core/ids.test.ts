import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAccount } from '../../core/account.ts';
import { bytes32ToDigest, digestOf, digestToBytes32, parseDigest } from '../../core/digest.ts';
import {
  accountSubject,
  ANYONE,
  groupIdOf,
  isAccountSubject,
  isName,
  parseName,
  resourceIdOf,
  roleIdOf,
} from '../../core/ids.ts';
import { codeOf } from './support/code-of.ts';
import { utf8 } from './support/samples.ts';

const names = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/);

describe('names', () => {
  test.each(['a', '7', 'a-b', 'x'.repeat(63)])('%s is one', (name) => {
    expect(parseName(name)).toBe(name);
  });

  test.each([
    ...['', 'A', '-', '-a', 'a-', 'a_b', 'a.b', 'a/b', '..', 'a?', 'a#b', 'a b', 'ä', 'a\n', 'a\0'],
    'x'.repeat(64),
    7,
    null,
  ])('%j is none', (value) => {
    expect(isName(value)).toBe(false);
    expect(codeOf(() => parseName(value))).toBe('SCHEMA');
  });
});

describe('ids', () => {
  test('are SHA-256 of kind, tenant and name', () => {
    const preimage = createHash('sha256').update('resource/greenfields/barn-climate').digest('hex');
    expect(resourceIdOf({ tenant: 'greenfields', name: 'barn-climate' })).toBe(`0x${preimage}`);
  });

  test('of different kinds, tenants or names differ', () => {
    fc.assert(
      fc.property(names, names, names, names, (tenant, name, otherTenant, otherName) => {
        const scope = { tenant, name };
        expect(new Set([resourceIdOf(scope), groupIdOf(scope), roleIdOf(scope)]).size).toBe(3);
        const same = tenant === otherTenant && name === otherName;
        expect(resourceIdOf({ tenant: otherTenant, name: otherName }) === resourceIdOf(scope)).toBe(same);
      }),
    );
  });

  test('refuse what is no name, so that one preimage reads one way', () => {
    expect(codeOf(() => resourceIdOf({ tenant: 'a/b', name: 'c' }))).toBe('SCHEMA');
    expect(codeOf(() => groupIdOf({ tenant: 'a', name: '' }))).toBe('SCHEMA');
  });

  test('of accounts are subjects, of roles are not', () => {
    expect(isAccountSubject(accountSubject(`0x${'d1'.repeat(20)}`))).toBe(true);
    expect(isAccountSubject(ANYONE)).toBe(false);
    expect(isAccountSubject(roleIdOf({ tenant: 'a', name: 'b' }))).toBe(false);
  });
});

describe('digests and accounts', () => {
  test('a digest is carried to 32 bytes and back', () => {
    const digest = digestOf(utf8(''));
    expect(digest).toBe('sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(bytes32ToDigest(digestToBytes32(parseDigest(digest)))).toBe(digest);
  });

  test.each(['', 'e3b0', `sha256:${'g'.repeat(64)}`, `sha256:${'A'.repeat(64)}`, `sha256:${'a'.repeat(64)}\n`, 7])(
    '%j is no digest',
    (value) => {
      expect(codeOf(() => parseDigest(value))).toBe('SCHEMA');
    },
  );

  test('an account is taken in any letter case and written in lower case', () => {
    expect(parseAccount(`0x${'Ab'.repeat(20)}`)).toBe(`0x${'ab'.repeat(20)}`);
  });

  test.each(['', 'ab'.repeat(20), `0x${'ab'.repeat(19)}`, `0x${'zz'.repeat(20)}`, `0x${'ab'.repeat(20)}\n`, 7])(
    '%j is no account',
    (value) => {
      expect(codeOf(() => parseAccount(value))).toBe('SCHEMA');
    },
  );
});
