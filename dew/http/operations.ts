import { documentSchema } from '../../core/document/schema.ts';
import { healthySchema, readySchema } from '../../core/wire/health.ts';
import { assignmentListSchema } from '../../core/wire/assignment.ts';
import type { Operation } from '../../platform/http/api.ts';
import { metricsOperation } from '../../platform/metrics/metrics-routes.ts';
import { versionsAnswer } from './answers.ts';

const document = { schema: documentSchema, description: 'The document, canonical (RFC 8785)' };
const artifact = { type: 'application/octet-stream', description: 'The artifact' };
const forDevices = ['NOT_ENROLLED', 'SUSPENDED', 'LEDGER_BEHIND'] as const;
const forUploads = ['LEDGER_BEHIND', 'DIGEST_MISMATCH', 'NOT_APPROVED', 'TIMEOUT', 'DISK_FULL'] as const;

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
    codes: [...forUploads, 'MIX_AND_MATCH', 'CYCLE', 'TOO_DEEP'],
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
} as const satisfies Readonly<Record<string, Operation>>;
