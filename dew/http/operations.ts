import { z } from 'zod';
import { documentSchema } from '../../core/document/schema.ts';
import { healthySchema, readySchema } from '../../core/wire/health.ts';
import { assignmentListSchema } from '../../core/wire/assignment.ts';
import { nameField } from '../../core/fields.ts';
import { signedOrderSchema } from '../../core/rollout/order.ts';
import { outcomesSchema } from '../../core/rollout/outcome.ts';
import { nonceNotesSchema } from '../../core/wire/nonce-notes.ts';
import { receiptsAnswerSchema, receiptsPageSchema, sentReceiptsSchema } from '../../core/wire/receipts.ts';
import { rolloutReportSchema } from '../../core/wire/rollout-report.ts';
import {
  deviceKeySchema,
  deviceSecretsSchema,
  secretCopySchema,
  secretDescriptionSchema,
  secretListSchema,
  secretUploadAnswerSchema,
  secretUploadSchema,
} from '../../core/wire/secrets.ts';
import { nonceSchema } from '../../core/wire/witness-nonce.ts';
import type { Operation } from '../../platform/http/api.ts';
import { metricsOperation } from '../../platform/metrics/metrics-routes.ts';
import { versionsAnswer } from './answers.ts';

const document = { schema: documentSchema, description: 'The document, canonical (RFC 8785)' };
const artifact = { type: 'application/octet-stream', description: 'The artifact' };
const forDevices = ['NOT_ENROLLED', 'SUSPENDED', 'LEDGER_BEHIND'] as const;
const forUploads = ['LEDGER_BEHIND', 'DIGEST_MISMATCH', 'NOT_APPROVED', 'TIMEOUT', 'DISK_FULL'] as const;

const resourceName = nameField.describe('The name of the resource');

const receiptsQuery = z.object({
  resource: z.string().optional().describe('tenant/name'),
  device: z.string().optional().describe('An account'),
  limit: z.string().optional().describe('1 to 100'),
  next: z.string().optional().describe('From the page before'),
  conflicts: z.literal('true').optional().describe('Receipts by which a device contradicted itself'),
});

/** What each of a dew's routes does. */
export const operations = {
  healthy: { summary: 'Whether the process works', access: 'open', answer: { schema: healthySchema } },
  ready: {
    summary: 'Whether it follows its ledger',
    access: 'open',
    answer: { schema: readySchema },
    codes: ['LEDGER_BEHIND', 'LEDGER_UNAVAILABLE', 'WRONG_CHAIN', 'EQUIVOCATION'],
  },
  metrics: { ...metricsOperation, codes: ['LEDGER_BEHIND'] },
  getDocument: {
    summary: 'A document, to devices that are to run it and to those who work on it',
    access: 'signed',
    answer: document,
    tagged: true,
    codes: [...forDevices, 'NOT_FOUND'],
  },
  putDocument: {
    summary: 'Uploads a document that the ledger holds',
    access: 'signed',
    body: document,
    codes: [...forUploads, 'REVOKED', 'MIX_AND_MATCH', 'CYCLE', 'TOO_DEEP'],
  },
  getArtifact: {
    summary: 'An artifact, to whom may have a document that names it',
    access: 'signed',
    answer: artifact,
    tagged: true,
    codes: [...forDevices, 'NOT_FOUND'],
  },
  putArtifact: {
    summary: 'Uploads an artifact that a document names',
    access: 'signed',
    body: artifact,
    codes: forUploads,
  },
  bundle: {
    summary: 'The newest proof bundle of a device: its group’s, or one that tells of the account alone',
    access: 'open',
    answer: { type: 'application/cbor', description: 'A proof bundle (docs/bundles.md)' },
    tagged: true,
    codes: ['NOT_FOUND', 'LEDGER_BEHIND', 'LEDGER_UNAVAILABLE', 'PROOF_INVALID', 'NOT_PROVED', 'TOO_MANY'],
  },
  nonce: {
    summary: "Has the anchor's witnesses sign a caller's nonce, together with those of others who ask at once",
    access: 'open',
    body: { schema: nonceSchema },
    answer: { schema: nonceNotesSchema },
    codes: ['NOT_FOUND', 'TOO_MANY'],
  },
  assignments: {
    summary: 'What the calling device is to run',
    access: 'signed',
    answer: { schema: assignmentListSchema },
    tagged: true,
    codes: [...forDevices, 'WRONG_GROUP'],
  },
  resources: {
    summary: "Versions of the groups' resources that the caller may see",
    access: 'policy',
    answer: { schema: versionsAnswer },
    codes: ['LEDGER_BEHIND'],
  },
  resource: {
    summary: 'Versions of one resource that the caller may see',
    access: 'policy',
    answer: { schema: versionsAnswer },
    codes: ['LEDGER_BEHIND', 'NOT_FOUND'],
  },
  postReceipts: {
    summary: 'Takes receipts of the calling device',
    access: 'signed',
    body: { schema: sentReceiptsSchema },
    answer: { schema: receiptsAnswerSchema },
    codes: [...forDevices, 'WRONG_GROUP', 'TIMEOUT', 'DISK_FULL'],
  },
  receipts: {
    summary: 'Receipts: all to reviewers, of one resource to whom a policy lets manage it',
    access: 'policy',
    query: receiptsQuery,
    answer: { schema: receiptsPageSchema },
    codes: ['LEDGER_BEHIND'],
  },
  getRollout: {
    summary: 'How the rollout of a resource fares',
    access: 'policy',
    answer: { schema: rolloutReportSchema },
    codes: ['LEDGER_BEHIND', 'NOT_FOUND'],
  },
  putRollout: {
    summary: 'Takes a rollout order of its author',
    access: 'policy',
    body: { schema: signedOrderSchema },
    codes: [
      'LEDGER_BEHIND',
      'WRONG_GROUP',
      'WRONG_RESOURCE',
      'WRONG_CHAIN',
      'ROLLBACK',
      'EQUIVOCATION',
      'CONFLICT',
      'TIMEOUT',
      'DISK_FULL',
    ],
  },
  postOutcomes: {
    summary: 'Takes what a device says of how rollouts fare on it',
    access: 'signed',
    body: { schema: outcomesSchema },
    codes: [...forDevices, 'WRONG_DEVICE', 'TIMEOUT', 'DISK_FULL'],
  },
  listSecrets: {
    summary: 'Names and versions of secrets that the caller may manage or review; never values',
    access: 'policy',
    answer: { schema: secretListSchema },
    codes: ['LEDGER_BEHIND'],
  },
  getSecret: {
    summary: 'A device its own sealed copy; a manager or reviewer who has one',
    path: { resource: resourceName },
    access: 'policy',
    answer: { schema: z.union([secretCopySchema, secretDescriptionSchema]) },
    codes: [...forDevices, 'NOT_FOUND'],
  },
  putSecret: {
    summary: "Takes a manager's record with sealed copies, or an edge's further copies",
    path: { resource: resourceName },
    access: 'policy',
    body: { schema: secretUploadSchema },
    answer: { schema: secretUploadAnswerSchema },
    codes: [
      ...forDevices,
      'NOT_APPROVED',
      'VERSION_NOT_NEWER',
      'FAST_FORWARD',
      'WRONG_CHAIN',
      'WRONG_RESOURCE',
      'CONFLICT',
      'TIMEOUT',
      'DISK_FULL',
    ],
  },
  dropCopy: {
    summary: 'A device says that it cannot use its copy',
    path: { resource: resourceName },
    access: 'signed',
    codes: [...forDevices, 'NOT_FOUND'],
  },
  getKey: {
    summary: "A device's public key, for those who seal",
    access: 'signed',
    answer: { schema: deviceKeySchema },
    codes: [...forDevices, 'NOT_FOUND'],
  },
  putKey: {
    summary: 'A device tells its own public key',
    access: 'signed',
    body: { schema: deviceKeySchema },
    codes: [...forDevices, 'WRONG_DEVICE', 'TIMEOUT', 'DISK_FULL'],
  },
  deviceSecrets: {
    summary: 'What the calling device has to do with secrets',
    access: 'signed',
    answer: { schema: deviceSecretsSchema },
    codes: forDevices,
  },
} as const satisfies Readonly<Record<string, Operation>>;
