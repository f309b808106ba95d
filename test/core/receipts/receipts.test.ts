import { verifyMessage } from 'ethers/hash';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalBytes } from '../../../core/document/canonical.ts';
import { DewproofError, errorCodes } from '../../../core/errors.ts';
import { MAX_ENVELOPE_BYTES, parseEnvelope, preAuthEncoding, type Envelope } from '../../../core/receipts/envelope.ts';
import { proveInclusions, verifyInclusion } from '../../../core/receipts/inclusion.ts';
import { parseReceiptFile, verifyReceiptFile, type ReceiptFile } from '../../../core/receipts/receipt-file.ts';
import { receiptEvents, type Receipt } from '../../../core/receipts/receipt.ts';
import { formatStatement, parseStatement } from '../../../core/receipts/statement.ts';
import { verifyReceipt } from '../../../core/receipts/verify-receipt.ts';
import { isSignedBy } from '../../../cli/is-signed-by.ts';
import { walletOf } from '../../platform/wallets.ts';
import { codeOf } from '../support/code-of.ts';
import { receiptOf, RECEIPT_WALLET, signed } from '../support/receipts.ts';

const hex = (bytes: number) =>
  fc.string({
    unit: fc.integer({ min: 0, max: 15 }).map((value) => value.toString(16)),
    minLength: bytes * 2,
    maxLength: bytes * 2,
  });
const digest = hex(32).map((text) => `sha256:${text}` as const);
const name = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/);
const document = fc.record({ version: fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }), digest });

const receipts: fc.Arbitrary<Receipt> = fc
  .record({
    event: fc.constantFrom(...receiptEvents),
    tenant: name,
    name,
    document,
    withDocument: fc.boolean(),
    code: fc.constantFrom(...errorCodes),
    isStopFor: fc.boolean(),
    count: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    sequence: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    previous: fc.option(digest, { nil: undefined }),
    timeMs: fc.integer({ min: 0, max: Date.parse('9999-12-31T23:59:59.999Z') }),
    head: fc.option(
      fc.record({
        height: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        hash: hex(32).map((text) => `0x${text}` as const),
      }),
      { nil: undefined },
    ),
  })
  .map(({ withDocument, isStopFor, ...fields }) => {
    const isFailure = fields.event === 'refusal' || fields.event === 'rollback';
    return receiptOf({
      ...fields,
      document: fields.event === 'refusal' && !withDocument ? undefined : fields.document,
      code: isFailure || (fields.event === 'stop' && isStopFor) ? fields.code : undefined,
      count: isFailure ? fields.count : 1,
    });
  });

/** A whole file as compact JSON, with a proof among five others. */
async function fileBytes(): Promise<{ file: ReceiptFile; bytes: Uint8Array }> {
  const all = await Promise.all([1, 2, 3, 4, 5].map((sequence) => signed(receiptOf({ sequence }))));
  const inclusions = proveInclusions(all.map(({ digest: one }) => one));
  const [first] = all;
  const [inclusion] = inclusions;
  if (first === undefined || inclusion === undefined) throw new TypeError('five were signed');
  const file = { envelope: first.envelope, inclusion };
  return { file, bytes: canonicalBytes(file) };
}

function verifyBytes(bytes: Uint8Array): void {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new DewproofError('SCHEMA', 'no JSON');
  }
  verifyReceiptFile(parseReceiptFile(value), { isSignedBy });
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = Buffer.from(bytes);
  changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  return changed;
}

describe('a statement', () => {
  test('reads back as it was written, whatever it tells', () => {
    fc.assert(
      fc.property(receipts, (receipt) => {
        expect(parseStatement(formatStatement(receipt))).toEqual(receipt);
      }),
    );
  });

  test('is an in-toto statement with the document as its subject', () => {
    expect(JSON.parse(Buffer.from(formatStatement(receiptOf())).toString())).toMatchObject({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'greenfields/barn-climate@3', digest: { sha256: 'ef'.repeat(32) } }],
      predicateType: 'urn:dewproof:receipt:v1',
      predicate: { verificationResult: 'PASSED', event: 'start', sequence: 7, version: '3' },
    });
  });

  test.each([
    ['a start with a code', { code: 'REVOKED' }],
    ['a refusal without a code', { event: 'refusal' }],
    ['a start of nothing', { document: undefined }],
    ['a rollback of nothing', { event: 'rollback', code: 'UNHEALTHY', document: undefined }],
    ['two starts in one', { count: 2 }],
    ['number 0', { sequence: 0 }],
    ['half a number', { sequence: 1.5 }],
    ['no name', { name: 'Barn' }],
  ] as const)('is refused where it tells of %s', (_, changed) => {
    expect(codeOf(() => parseStatement(formatStatement(receiptOf(changed as Partial<Receipt>))))).toBe('SCHEMA');
  });

  test.each([
    ['another form', (text: string) => ` ${text}`],
    ['a key twice', (text: string) => text.replace('"count":1', '"count":1,"count":1')],
    ['one more field', (text: string) => text.replace('"count":1', '"also":1,"count":1')],
    ['a result that its event contradicts', (text: string) => text.replace('PASSED', 'FAILED')],
    ['a subject of another version', (text: string) => text.replace('barn-climate@3', 'barn-climate@4')],
    ['a time that is none', (text: string) => text.replace('2026-11-27', '2026-13-27')],
    ['another predicate', (text: string) => text.replace('receipt:v1', 'receipt:v2')],
  ])('is refused in %s', (_, change) => {
    const text = Buffer.from(formatStatement(receiptOf())).toString();
    expect(codeOf(() => parseStatement(Buffer.from(change(text))))).toBe('SCHEMA');
    expect(change(text)).not.toBe(text);
  });

  test('is refused before it is parsed where it is too long', () => {
    expect(codeOf(() => parseStatement(Buffer.alloc(4097, 0x20)))).toBe('ENDLESS_DATA');
  });
});

describe('an envelope', () => {
  test('signs what DSSE says (its published example)', () => {
    const encoded = preAuthEncoding('http://example.com/HelloWorld', Buffer.from('hello world'));
    expect(Buffer.from(encoded).toString()).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
  });

  test("holds for whoever knows DSSE and Ethereum's signed messages", async () => {
    const { envelope } = await signed(receiptOf());
    const payload = Buffer.from(envelope.payload, 'base64');
    const message = Buffer.concat([Buffer.from(`DSSEv1 28 ${envelope.payloadType} ${payload.length} `), payload]);
    const signature = `0x${Buffer.from(envelope.signatures[0].sig, 'base64').toString('hex')}`;
    expect(verifyMessage(message, signature).toLowerCase()).toBe(walletOf(RECEIPT_WALLET).account);
  });

  test('fits its cap with the longest of everything', async () => {
    const long = 'n'.repeat(63);
    const { envelope } = await signed(
      receiptOf({
        event: 'refusal',
        code: 'DAEMON_UNAVAILABLE',
        tenant: long,
        name: long,
        count: Number.MAX_SAFE_INTEGER,
        sequence: Number.MAX_SAFE_INTEGER,
        document: { version: 2n ** 64n - 1n, digest: `sha256:${'ef'.repeat(32)}` },
        head: { height: 2n ** 64n - 1n, hash: `0x${'cd'.repeat(32)}` },
        ledger: { chain: 'c'.repeat(128), genesis: `0x${'ff'.repeat(32)}`, registry: 'r'.repeat(128) },
      }),
    );
    verifyReceipt(parseEnvelope(envelope), { isSignedBy });
    expect(canonicalBytes(envelope).length).toBeLessThan(MAX_ENVELOPE_BYTES / 2);
  });

  test('by another than it names is refused', async () => {
    const { envelope } = await signed(receiptOf(), 12);
    expect(codeOf(() => verifyReceipt(envelope, { isSignedBy }))).toBe('PROOF_INVALID');
    const asItself: Envelope = {
      ...envelope,
      signatures: [{ ...envelope.signatures[0], keyid: walletOf(12).account }],
    };
    expect(codeOf(() => verifyReceipt(asItself, { isSignedBy }))).toBe('WRONG_DEVICE');
  });

  test('in the other form of the same signature is refused: it would have another digest', async () => {
    const { envelope } = await signed(receiptOf());
    const bytes = Buffer.from(envelope.signatures[0].sig, 'base64');
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const s = order - BigInt(`0x${bytes.subarray(32, 64).toString('hex')}`);
    const other = Buffer.concat([
      bytes.subarray(0, 32),
      Buffer.from(s.toString(16).padStart(64, '0'), 'hex'),
      Buffer.of(55 - bytes.readUInt8(64)),
    ]);
    const sig = other.toString('base64');
    const changed: Envelope = { ...envelope, signatures: [{ ...envelope.signatures[0], sig }] };
    expect(codeOf(() => verifyReceipt(changed, { isSignedBy }))).toBe('PROOF_INVALID');
    // Core does not count on its port to refuse it.
    const lenient = { isSignedBy: () => true };
    expect(codeOf(() => verifyReceipt(envelope, lenient))).toBeUndefined();
    expect(codeOf(() => verifyReceipt(changed, lenient))).toBe('PROOF_INVALID');
  });

  test.each([
    ['two signatures', (one: Envelope) => ({ ...one, signatures: [...one.signatures, ...one.signatures] })],
    ['no signature', (one: Envelope) => ({ ...one, signatures: [] })],
    ['another type', (one: Envelope) => ({ ...one, payloadType: 'application/json' })],
    ['one more field', (one: Envelope) => ({ ...one, also: 1 })],
    ['base64 without padding', (one: Envelope) => ({ ...one, payload: 'YQ' })],
    ['base64 of another alphabet', (one: Envelope) => ({ ...one, payload: '-_-_' })],
    ['too long a payload', (one: Envelope) => ({ ...one, payload: 'YWFh'.repeat(1400) })],
  ])('with %s is none', async (_, change) => {
    const { envelope } = await signed(receiptOf());
    expect(codeOf(() => parseEnvelope(change(envelope)))).toBe('SCHEMA');
  });
});

describe('a receipt file', () => {
  test('holds, with its proof and without', async () => {
    const { file, bytes } = await fileBytes();
    verifyBytes(bytes);
    verifyReceiptFile(parseReceiptFile(file.envelope), { isSignedBy });
  });

  test('is refused with a code whichever bit of it is flipped: envelope, signature, payload, proof', async () => {
    const { file, bytes } = await fileBytes();
    const refusals = new Map<string, number>();
    // Each bit that reaches the curve costs 2 ms: of the payload every 13th, which is each of a byte's in turn.
    const payloadAt = Buffer.from(bytes).indexOf('"payload":') * 8;
    const isPayload = (bit: number) => bit > payloadAt && bit < payloadAt + file.envelope.payload.length * 8;
    for (let bit = 0; bit < bytes.length * 8; bit += isPayload(bit) ? 13 : 1) {
      const code = codeOf(() => {
        verifyBytes(flipped(bytes, bit));
      });
      if (code === undefined) throw new Error(`bit ${bit} was accepted`);
      refusals.set(code, (refusals.get(code) ?? 0) + 1);
    }
    expect(new Set(refusals.keys())).toEqual(new Set(['SCHEMA', 'PROOF_INVALID']));
  }, 60_000);

  test('whose payload was changed is refused whichever bit it was', async () => {
    const { envelope } = await signed(receiptOf());
    const payload = Buffer.from(envelope.payload, 'base64');
    for (let bit = 0; bit < payload.length * 8; bit += 13) {
      const changed = { ...envelope, payload: Buffer.from(flipped(payload, bit)).toString('base64') };
      expect(codeOf(() => verifyReceipt(changed, { isSignedBy }))).toBe('PROOF_INVALID');
    }
  }, 60_000);
});

describe('an inclusion proof', () => {
  test('holds for each receipt of its batch and for no other', () => {
    fc.assert(
      fc.property(fc.uniqueArray(digest, { minLength: 2, maxLength: 40 }), (all) => {
        const proofs = proveInclusions(all);
        all.forEach((one, index) => {
          const proof = proofs[index];
          if (proof === undefined) throw new TypeError('one each');
          verifyInclusion(one, proof);
          const other = all[(index + 1) % all.length] ?? one;
          expect(
            codeOf(() => {
              verifyInclusion(other, proof);
            }),
          ).toBe('PROOF_INVALID');
        });
      }),
    );
  });

  test('fixes the size of its batch, which the tree hash alone does not', () => {
    const all = Array.from({ length: 5 }, (_, index) => `sha256:${index.toString().repeat(64)}` as const);
    const [proof] = proveInclusions(all);
    if (proof === undefined) throw new TypeError('five were proved');
    for (const size of [6, 7, 8]) {
      expect(
        codeOf(() => {
          verifyInclusion(`sha256:${'0'.repeat(64)}`, { ...proof, size });
        }),
      ).toBe('PROOF_INVALID');
    }
  });

  test('is made for thousands at once', () => {
    const all = Array.from({ length: 4096 }, (_, index) => `sha256:${index.toString(16).padStart(64, '0')}` as const);
    const proof = proveInclusions(all)[4095];
    expect(proof?.path).toHaveLength(12);
    expect(() => proveInclusions([...all, ...all])).toThrow(TypeError);
    expect(() => proveInclusions([])).toThrow(TypeError);
  });
});
