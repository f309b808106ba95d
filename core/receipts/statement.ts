import { z } from 'zod';
import { bytes32ToDigest, digestToBytes32 } from '../digest.ts';
import { canonicalBytes } from '../document/canonical.ts';
import { DewproofError, errorCodes } from '../errors.ts';
import { resourceIdOf } from '../ids.ts';
import { accountField, bytes32Field, digestField, nameField, uint64Field } from '../fields.ts';
import { parseJsonBytes } from '../wire/json-bytes.ts';
import { receiptEvents, type Receipt } from './receipt.ts';

/** The most bytes of a statement. */
export const MAX_STATEMENT_BYTES = 4096;

const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
/** What kind of predicate ours is, as in-toto names kinds: by a URI. */
export const PREDICATE_TYPE = 'urn:dewproof:receipt:v1';

const hex64 = z.string().regex(/^[0-9a-f]{64}$/);

const statementSchema = z.strictObject({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.tuple([z.strictObject({ name: z.string().max(256), digest: z.strictObject({ sha256: hex64 }) })]),
  predicateType: z.literal(PREDICATE_TYPE),
  // SLSA's verification summary (slsa.dev/verification_summary/v1) has verifier, timeVerified and verificationResult.
  predicate: z.strictObject({
    verifier: z.strictObject({ id: accountField }),
    timeVerified: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    verificationResult: z.enum(['PASSED', 'FAILED']),
    event: z.enum(receiptEvents),
    resource: z.strictObject({ tenant: nameField, name: nameField }),
    version: uint64Field.nullable(),
    code: z.enum(errorCodes).nullable(),
    count: z.int().min(1),
    ledger: z.strictObject({
      chain: z.string().max(128),
      // Whoever copies a chain's id and contract to a chain of their own has another first block.
      genesis: bytes32Field,
      registry: z.string().max(128),
      head: z.strictObject({ height: uint64Field, hash: bytes32Field }).nullable(),
    }),
    sequence: z.int().min(1),
    previous: digestField.nullable(),
  }),
});

/** The one byte form of a receipt: an in-toto Statement v1 in canonical JSON (RFC 8785). @throws SCHEMA */
export function formatStatement(receipt: Receipt): Uint8Array {
  const { ledger, head, tenant, name, document, code } = receipt;
  const statement = {
    _type: STATEMENT_TYPE,
    subject: [subjectOf(receipt)],
    predicateType: PREDICATE_TYPE,
    predicate: {
      verifier: { id: receipt.device },
      timeVerified: new Date(receipt.timeMs).toISOString(),
      verificationResult: code === undefined ? 'PASSED' : 'FAILED',
      event: receipt.event,
      resource: { tenant, name },
      version: document?.version.toString() ?? null,
      code: code ?? null,
      count: receipt.count,
      ledger: {
        chain: ledger.chain,
        genesis: ledger.genesis,
        registry: ledger.registry,
        head: head === undefined ? null : { height: head.height.toString(), hash: head.hash },
      },
      sequence: receipt.sequence,
      previous: receipt.previous ?? null,
    },
  };
  return canonicalBytes(statement);
}

/** Without a document it is the resource's id, which is the SHA-256 of that very name. */
function subjectOf({ tenant, name, document }: Receipt) {
  const id = resourceIdOf({ tenant, name });
  const [subject, digest] =
    document === undefined
      ? [`resource/${tenant}/${name}`, bytes32ToDigest(id)]
      : [`${tenant}/${name}@${document.version}`, document.digest];
  return { name: subject, digest: { sha256: digestToBytes32(digest).slice(2) } };
}

/**
 * Reads a statement; only the byte form that `formatStatement` writes is one, so that a receipt has one digest and no
 * field can contradict another. @throws ENDLESS_DATA, SCHEMA
 */
export function parseStatement(bytes: Uint8Array): Receipt {
  if (bytes.length > MAX_STATEMENT_BYTES) {
    throw new DewproofError('ENDLESS_DATA', `A receipt's statement has at most ${MAX_STATEMENT_BYTES} bytes.`);
  }
  const parsed = statementSchema.safeParse(parseJsonBytes(bytes));
  if (!parsed.success) throw notOurs('it has other fields');
  const receipt = receiptOf(parsed.data);
  verifyEvent(receipt);
  if (Buffer.compare(formatStatement(receipt), bytes) === 0) return receipt;
  throw notOurs('it is not in its canonical form, or its fields contradict each other');
}

function receiptOf({ subject: [subject], predicate }: z.output<typeof statementSchema>): Receipt {
  const { version } = predicate;
  const { head, ...ledger } = predicate.ledger;
  const timeMs = Date.parse(predicate.timeVerified);
  if (Number.isNaN(timeMs)) throw notOurs('its time is none');
  return {
    device: predicate.verifier.id,
    sequence: predicate.sequence,
    previous: predicate.previous ?? undefined,
    timeMs,
    ledger,
    head: head ?? undefined,
    event: predicate.event,
    tenant: predicate.resource.tenant,
    name: predicate.resource.name,
    document: version === null ? undefined : { version, digest: `sha256:${subject.digest.sha256}` },
    code: predicate.code ?? undefined,
    count: predicate.count,
  };
}

/** Nothing starts without a document, or fails without a reason. */
function verifyEvent({ event, document, code, count }: Receipt): void {
  const isFailure = event === 'rollback' || event === 'refusal';
  if (event === 'start' && code !== undefined) throw notOurs('a start has no code of a refusal');
  if (isFailure && code === undefined) throw notOurs('it says nothing of the reason');
  if (event !== 'refusal' && document === undefined) throw notOurs('it names no version');
  if (!isFailure && count !== 1) throw notOurs('only refusals and rollbacks are counted');
}

function notOurs(why: string): DewproofError {
  return new DewproofError('SCHEMA', `This is no receipt of a device: ${why}.`);
}
