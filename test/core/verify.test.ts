import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../core/digest.ts';
import { MAX_DOCUMENT_BYTES } from '../../core/document/limits.ts';
import type { ErrorCode } from '../../core/errors.ts';
import { verifyConfiguration } from '../../core/verify.ts';
import { codeOf } from './support/code-of.ts';
import { bytesOf, rawProfile, rawResource, SALT, utf8 } from './support/samples.ts';
import { DEVICE, OTHER_GROUP, questionAt, type Site } from './support/site.ts';

const digest = digestOf(bytesOf(rawResource()));
const other = digestOf(utf8('other'));
const tooMuch = new Uint8Array(MAX_DOCUMENT_BYTES + 1);
const bound = rawResource({ inputs: [{ id: 'temperature', mqtt: { topic: '{binding}' } }] });
const wireless = rawResource({ network: ['wifi', 'ble'] });
const north = rawResource({ placement: { labels: { site: 'north' } } });

/** A document that a compromised publisher had approved although no parser takes it. */
function approved(bytes: Uint8Array): Site {
  return { record: { digest: digestOf(bytes) }, question: { bytes } };
}

const vectors: readonly (readonly [string, ErrorCode, Site])[] = [
  ['a device that the ledger does not know', 'NOT_ENROLLED', { device: undefined }],
  ['another account than the enrolled one', 'NOT_ENROLLED', { question: { account: `0x${'ee'.repeat(20)}` } }],
  ['a suspended device', 'SUSPENDED', { device: { status: 'suspended' } }],
  ['a retired device', 'SUSPENDED', { device: { status: 'retired' } }],
  ['a resource without a record', 'NOT_APPROVED', { record: undefined }],
  ['a revoked version', 'REVOKED', { record: { status: 'revoked' } }],
  ['endless data', 'ENDLESS_DATA', { question: { bytes: tooMuch } }],
  ['endless data that was approved', 'ENDLESS_DATA', approved(tooMuch)],
  ['another document', 'DIGEST_MISMATCH', { record: { digest: other } }],
  ['no document at all', 'DIGEST_MISMATCH', { question: { bytes: new Uint8Array() } }],
  [
    'bytes that no parser may see before the digest',
    'DIGEST_MISMATCH',
    { question: { bytes: utf8('[['.repeat(9e4)) } },
  ],
  ['approved bytes that nest deep', 'TOO_DEEP', approved(utf8('['.repeat(1e5) + ']'.repeat(1e5)))],
  ['approved bytes that are no document', 'SCHEMA', approved(utf8('{}'))],
  ['an approved document in another form', 'SCHEMA', approved(utf8(JSON.stringify(rawResource(), null, 1)))],
  ['an approved profile in the place of a resource', 'SCHEMA', { document: rawProfile() }],
  ['a document of another resource', 'WRONG_RESOURCE', { document: rawResource({}, { name: 'barn-light' }) }],
  ['a document of another tenant', 'WRONG_RESOURCE', { document: rawResource({}, { tenant: 'redfields' }) }],
  ['an older document under a newer record', 'MIX_AND_MATCH', { record: { version: 4n } }],
  ['a newer document under an older record', 'MIX_AND_MATCH', { record: { version: 2n } }],
  ['a version beyond what JSON can say', 'MIX_AND_MATCH', { record: { version: 2n ** 64n - 1n } }],
  ['a document of another group', 'WRONG_GROUP', { document: rawResource({ group: 'barn-8' }) }],
  ['a record of another group', 'WRONG_GROUP', { record: { group: OTHER_GROUP } }],
  ['a device of another group', 'WRONG_GROUP', { device: { group: OTHER_GROUP } }],
  [
    'document and record of another group than the device',
    'WRONG_GROUP',
    { document: rawResource({ group: 'barn-8' }), record: { group: OTHER_GROUP } },
  ],
  [
    'record and device of another group than the document',
    'WRONG_GROUP',
    { record: { group: OTHER_GROUP }, device: { group: OTHER_GROUP } },
  ],
  ['an older version than last seen', 'ROLLBACK', { question: { lastSeen: { version: 4n, digest } } }],
  ['a far older version than last seen', 'ROLLBACK', { question: { lastSeen: { version: 2n ** 63n, digest } } }],
  ['the version last seen, another digest', 'EQUIVOCATION', { question: { lastSeen: { version: 3n, digest: other } } }],
  [
    'a version far beyond the one last seen',
    'FAST_FORWARD',
    {
      document: rawResource({ version: 1002 }),
      record: { version: 1002n },
      question: { lastSeen: { version: 1n, digest: other } },
    },
  ],
  ['a runtime that the host lacks', 'UNSUPPORTED', { question: { runtimes: [] } }],
  ['what nothing acts on yet', 'UNSUPPORTED', { document: rawResource({ exclusive: true }) }],
  ['a label that the profile lacks', 'WRONG_DEVICE', { document: north }],
  [
    'a label that the profile has with another value',
    'WRONG_DEVICE',
    { document: north, profile: rawProfile({ labels: { site: 'south' } }) },
  ],
  [
    'a label that every object inherits',
    'WRONG_DEVICE',
    { document: rawResource({ placement: { labels: { constructor: 'x' } } }) },
  ],
  [
    'a device whose profile the ledger does not name',
    'WRONG_DEVICE',
    { document: north, profile: rawProfile({ labels: { site: 'north' } }), device: { profile: undefined } },
  ],
  [
    'a device without its profile at hand',
    'WRONG_DEVICE',
    {
      document: north,
      profile: rawProfile({ labels: { site: 'north' } }),
      question: { profileBytes: undefined },
    },
  ],
  ['a link that the profile lacks', 'WRONG_DEVICE', { document: wireless, profile: rawProfile({ links: ['wifi'] }) }],
  ['a link, and a device without a profile', 'WRONG_DEVICE', { document: wireless, device: { profile: undefined } }],
  ['a substituted profile', 'DIGEST_MISMATCH', { device: { profile: other } }],
  ['a substituted profile without end', 'ENDLESS_DATA', { question: { profileBytes: tooMuch } }],
  ['an approved profile that is none', 'SCHEMA', { profile: rawResource() }],
  ['an input that the profile does not bind', 'UNBOUND', { document: bound }],
  [
    'an input bound to no topic',
    'UNBOUND',
    { document: bound, profile: rawProfile({ bindings: { temperature: '#/x' } }) },
  ],
];

describe('verifyConfiguration', () => {
  test.each(vectors)('refuses %s: %s', (_, code, site) => {
    expect(codeOf(() => verifyConfiguration(questionAt(site)))).toBe(code);
  });

  test('lets in what is approved, the first time and again', () => {
    for (const lastSeen of [undefined, { version: 3n, digest }, { version: 1n, digest: other }]) {
      const verified = verifyConfiguration(questionAt({ question: { lastSeen } }));
      expect(verified).toMatchObject({ digest, record: { version: 3n }, document: { spec: { version: 3 } } });
    }
  });

  test('lets in what needs links that the profile has', () => {
    const site: Site = { document: wireless, profile: rawProfile({ links: ['ble', 'serial', 'wifi'] }) };
    expect(codeOf(() => verifyConfiguration(questionAt(site)))).toBeUndefined();
  });

  test('lets a version in that is exactly as far as may be', () => {
    const site: Site = {
      document: rawResource({ version: 1001 }),
      record: { version: 1001n },
      question: { lastSeen: { version: 1n, digest: other } },
    };
    expect(codeOf(() => verifyConfiguration(questionAt(site)))).toBeUndefined();
  });

  test('starts without a profile what needs none', () => {
    const site: Site = { device: { profile: undefined }, question: { profileBytes: undefined } };
    expect(codeOf(() => verifyConfiguration(questionAt(site)))).toBeUndefined();
  });

  test('fills addresses in from the approved profile', () => {
    const site: Site = {
      document: rawResource({ inputs: [{ id: 'temperature', mqtt: { topic: '{group}/{binding}/{device}' } }] }),
      profile: rawProfile({ labels: { site: 'north' }, bindings: { temperature: 'box/3' } }),
    };
    const { resolved, document } = verifyConfiguration(questionAt(site));
    expect(resolved.spec.inputs).toMatchObject([{ mqtt: { topic: `barn-7/box/3/${DEVICE}` } }]);
    expect(document.spec.inputs).toMatchObject([{ mqtt: { topic: '{group}/{binding}/{device}' } }]);
  });

  test('the checks stand in their order: whoever fails several learns of the first', () => {
    const everything: Site = {
      document: rawResource({ version: 7, group: 'barn-8', exclusive: true }, { name: 'barn-light' }),
      question: { lastSeen: { version: 9n, digest: other } },
    };
    const all = { ...everything, device: { status: 'suspended' as const, group: OTHER_GROUP } };
    expect(codeOf(() => verifyConfiguration(questionAt({ ...all, record: { status: 'revoked' } })))).toBe('SUSPENDED');
    expect(codeOf(() => verifyConfiguration(questionAt({ ...everything, record: { status: 'revoked' } })))).toBe(
      'REVOKED',
    );
    expect(codeOf(() => verifyConfiguration(questionAt(everything)))).toBe('WRONG_RESOURCE');
  });
});

describe('every changed byte', () => {
  const question = questionAt();
  const size = question.bytes.length;

  function verdictOf(bytes: Uint8Array): ErrorCode | undefined {
    return codeOf(() => verifyConfiguration({ ...question, bytes }));
  }

  test('each single bit of the document, flipped', () => {
    for (let bit = 0; bit < size * 8; bit += 1) {
      const changed = Uint8Array.from(question.bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(verdictOf(changed)).toBe('DIGEST_MISMATCH');
    }
  });

  test('any byte changed to any other, dropped, doubled or added', () => {
    const at = fc.nat(size - 1);
    const edits = fc.oneof(
      fc.tuple(at, fc.integer({ min: 1, max: 255 })).map(([i, flip]) => {
        const changed = Uint8Array.from(question.bytes);
        changed[i] = (changed[i] ?? 0) ^ flip;
        return changed;
      }),
      at.map((i) => Buffer.concat([question.bytes.subarray(0, i), question.bytes.subarray(i + 1)])),
      at.map((i) => Buffer.concat([question.bytes.subarray(0, i + 1), question.bytes.subarray(i)])),
      fc.uint8Array({ minLength: 1, maxLength: 8 }).map((more) => Buffer.concat([question.bytes, more])),
    );
    fc.assert(
      fc.property(edits, (bytes) => {
        expect(verdictOf(bytes)).toBe('DIGEST_MISMATCH');
      }),
      { numRuns: 1_000 },
    );
  });

  test('a small configuration can not be guessed: another salt is another digest', () => {
    const salted = rawResource({ salt: `${SALT.slice(0, -1)}N` });
    expect(verdictOf(bytesOf(salted))).toBe('DIGEST_MISMATCH');
  });
});
