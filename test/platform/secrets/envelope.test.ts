import { createDecipheriv, hkdfSync } from 'node:crypto';
import { SigningKey } from 'ethers/crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasCode } from '../../../core/errors.ts';
import { commitmentOf, MAX_SECRET_BYTES } from '../../../core/secrets/secret-content.ts';
import { envelopeContext, secretMessage, statementOf, type SecretRecord } from '../../../core/secrets/secret-record.ts';
import type { PublicKey } from '../../../core/secrets/secret-vault.ts';
import { MAX_ENVELOPE_BYTES, sealedCopySchema } from '../../../core/wire/secrets.ts';
import { openEnvelope, sealEnvelope } from '../../../platform/secrets/envelope.ts';
import { openCopy } from '../../../platform/secrets/open-copy.ts';
import { verifyPublicKey } from '../../../platform/secrets/public-key.ts';
import { sealCopy } from '../../../platform/secrets/seal-copy.ts';
import { signSecretRecord } from '../../../platform/secrets/sign-record.ts';
import { isSignedBy } from '../../../cli/is-signed-by.ts';
import { codeOf } from '../../core/support/code-of.ts';
import { vaultOf, walletOf } from '../wallets.ts';

const privateKey = Buffer.alloc(32, 7);
const key = new SigningKey(privateKey);
const publicKey = key.compressedPublicKey as PublicKey;
const context = Buffer.from('for this and nothing else');
const content = Buffer.from('a value');
const bytes = fc.uint8Array({ maxLength: 2000 });

describe('an envelope', () => {
  test('gives back what was sealed, to its recipient in its context', () => {
    fc.assert(
      fc.property(
        bytes.filter(({ length }) => length > 0),
        bytes,
        (sealed, bound) => {
          const envelope = sealEnvelope(publicKey, { content: sealed, context: bound });
          expect(Buffer.from(openEnvelope(privateKey, { envelope, context: bound }))).toEqual(Buffer.from(sealed));
        },
      ),
      { numRuns: 50 },
    );
  });

  test('opens with another implementation of what its docstring says', () => {
    const envelope = sealEnvelope(publicKey, { content, context });
    const point = envelope.subarray(1, 34);
    // Uncompressed, of which ECDH takes x.
    const shared = Buffer.from(key.computeSharedSecret(point).slice(2), 'hex').subarray(1, 33);
    const info = Buffer.concat([point, Buffer.from(publicKey.slice(2), 'hex')]);
    const derived = Buffer.from(hkdfSync('sha256', shared, 'dewproof/v1/secret-envelope', info, 44));
    const decipher = createDecipheriv('aes-256-gcm', derived.subarray(0, 32), derived.subarray(32));
    decipher.setAAD(Buffer.concat([envelope.subarray(0, 34), context]));
    decipher.setAuthTag(envelope.subarray(-16));
    expect(Buffer.concat([decipher.update(envelope.subarray(34, -16)), decipher.final()])).toEqual(content);
  });

  test('is refused with any one bit flipped, any byte less and any byte more', () => {
    const envelope = sealEnvelope(publicKey, { content, context });
    const verdict = (altered: Uint8Array) => codeOf(() => openEnvelope(privateKey, { envelope: altered, context }));
    expect(verdict(envelope)).toBeUndefined();
    for (let bit = 0; bit < envelope.length * 8; bit += 1) {
      const altered = Uint8Array.from(envelope);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(['SCHEMA', 'DIGEST_MISMATCH'], `bit ${bit}`).toContain(verdict(altered));
    }
    for (let length = 0; length < envelope.length; length += 1) {
      expect(verdict(envelope.subarray(0, length))).toBeDefined();
    }
    expect(verdict(Buffer.concat([envelope, Buffer.alloc(1)]))).toBe('DIGEST_MISMATCH');
    expect(verdict(Buffer.alloc(MAX_ENVELOPE_BYTES + 1, 1))).toBe('SCHEMA');
  });

  test('opens for no other key and in no other context', () => {
    const envelope = sealEnvelope(publicKey, { content, context });
    const other = codeOf(() => openEnvelope(Buffer.alloc(32, 8), { envelope, context }));
    expect(other).toBe('DIGEST_MISMATCH');
    expect(codeOf(() => openEnvelope(privateKey, { envelope, context: Buffer.from('else') }))).toBe('DIGEST_MISMATCH');
  });

  test('never looks the same twice, and says nothing of its content when it is refused', () => {
    const sealings = Array.from({ length: 50 }, () => Buffer.from(sealEnvelope(publicKey, { content, context })));
    expect(new Set(sealings.map((one) => one.toString('hex'))).size).toBe(50);
    try {
      openEnvelope(Buffer.alloc(32, 8), { envelope: sealings[0] ?? Buffer.alloc(0), context });
      expect.unreachable();
    } catch (error) {
      if (!hasCode(error)) throw error;
      expect(error.cause).toBeUndefined();
    }
  });

  test.each([
    ['no point of the curve', `0x02${'ff'.repeat(32)}`],
    ['the point at infinity', `0x02${'00'.repeat(32)}`],
    ['an empty key', '0x'],
  ])('is not sealed to %s', (_, bad) => {
    expect(codeOf(() => sealEnvelope(bad as PublicKey, { content, context }))).toBe('SCHEMA');
  });
});

const [author, device, other] = [walletOf(2), walletOf(1), walletOf(3)];
const salt = Buffer.alloc(32, 9);

async function record(changed: Partial<Parameters<typeof signSecretRecord>[0]> = {}): Promise<SecretRecord> {
  const ledger = { chain: 'memory:test', genesis: `0x${'11'.repeat(32)}`, registry: 'greenfields' } as const;
  const names = { tenant: 'greenfields', resource: 'climate', name: 'api-key' };
  const commitment = commitmentOf({ salt, value: 'opensesame' });
  return signSecretRecord({ ledger, ...names, version: 1, commitment, ...changed }, author);
}

async function outcome(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'opened',
    (error: unknown) => (hasCode(error) ? error.code : error),
  );
}

describe('a copy of a secret', () => {
  const to = { recipient: device.account, publicKey: vaultOf(1).publicKey };
  const own = { vault: vaultOf(1), account: device.account };

  test('opens on its device', async () => {
    const of = await record();
    const copy = sealCopy({ statement: statementOf(of), content: { salt, value: 'opensesame' } }, to);
    expect(sealedCopySchema.parse(copy)).toEqual(copy);
    expect(await openCopy({ record: of, envelope: copy.envelope }, own)).toMatchObject({ value: 'opensesame' });
  });

  test.each([
    ['another resource', { resource: 'vents' }],
    ['another name', { name: 'other-key' }],
    ['another tenant', { tenant: 'brownfields' }],
    ['another version', { version: 2 }],
    ['another ledger', { ledger: { chain: 'memory:x', genesis: `0x${'11'.repeat(32)}`, registry: 'greenfields' } }],
  ] as const)('does not count for %s', async (_, changed) => {
    const of = await record();
    const copy = sealCopy({ statement: statementOf(of), content: { salt, value: 'opensesame' } }, to);
    expect(await outcome(openCopy({ record: await record(changed), envelope: copy.envelope }, own))).toBe(
      'DIGEST_MISMATCH',
    );
  });

  test('does not count for another device, even one that shares the key', async () => {
    const of = await record();
    const copy = sealCopy({ statement: statementOf(of), content: { salt, value: 'opensesame' } }, to);
    const others = { vault: vaultOf(3), account: other.account };
    expect(await outcome(openCopy({ record: of, envelope: copy.envelope }, others))).toBe('DIGEST_MISMATCH');
    const renamed = { vault: vaultOf(1), account: other.account };
    expect(await outcome(openCopy({ record: of, envelope: copy.envelope }, renamed))).toBe('DIGEST_MISMATCH');
  });

  test.each([
    ['value', { salt, value: 'opensesame2' }],
    ['salt', { salt: Buffer.alloc(32, 8), value: 'opensesame' }],
  ])('of another %s than its author set is refused, whoever sealed it on', async (_, altered) => {
    const of = await record();
    const copy = sealCopy({ statement: statementOf(of), content: altered }, to);
    expect(await outcome(openCopy({ record: of, envelope: copy.envelope }, own))).toBe('DIGEST_MISMATCH');
  });

  test('takes the longest value, whose envelope is no longer than the limit', async () => {
    const value = 'é'.repeat(MAX_SECRET_BYTES / 2);
    const of = await record({ commitment: commitmentOf({ salt, value }) });
    const copy = sealCopy({ statement: statementOf(of), content: { salt, value } }, to);
    expect(Buffer.from(copy.envelope, 'base64url').length).toBe(MAX_ENVELOPE_BYTES);
    expect(sealedCopySchema.safeParse(copy).success).toBe(true);
    expect((await openCopy({ record: of, envelope: copy.envelope }, own)).value).toBe(value);
  });

  test("is not sealed with a key that a server put in the place of the device's", async () => {
    const statement = statementOf(await record());
    const swapped = { recipient: device.account, publicKey: vaultOf(3).publicKey };
    expect(codeOf(() => sealCopy({ statement, content: { salt, value: 'x' } }, swapped))).toBe('WRONG_DEVICE');
  });
});

describe('keys and signatures', () => {
  test('a public key is that of its account and of nobody else', () => {
    verifyPublicKey(vaultOf(1).publicKey, { account: device.account });
    const refused = codeOf(() => {
      verifyPublicKey(vaultOf(1).publicKey, { account: other.account });
    });
    expect(refused).toBe('WRONG_DEVICE');
  });

  test("a record is its author's word for word", async () => {
    const of = await record();
    const isAuthors = (one: SecretRecord) =>
      isSignedBy({
        account: author.account,
        message: secretMessage(statementOf(one)),
        signature: one.signature,
      });
    expect(isAuthors(of)).toBe(true);
    const changes: Partial<SecretRecord>[] = [
      { version: 2 },
      { name: 'b' },
      { commitment: null },
      { author: other.account },
    ];
    for (const changed of changes) expect(isAuthors({ ...of, ...changed })).toBe(false);
  });

  test('what it is bound to tells every field and recipient apart', async () => {
    const of = statementOf(await record());
    const contexts = [
      envelopeContext(of, { recipient: device.account }),
      envelopeContext(of, { recipient: other.account }),
      envelopeContext({ ...of, version: 2 }, { recipient: device.account }),
    ];
    expect(new Set(contexts.map((one) => Buffer.from(one).toString('hex'))).size).toBe(3);
  });

  test('a vault shows its key to no log', () => {
    const vault = vaultOf(1);
    expect(JSON.stringify(vault)).not.toContain('0000000000000001');
    expect(Object.keys(vault).sort()).toEqual(['authenticate', 'publicKey', 'unseal']);
  });
});
