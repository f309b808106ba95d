import { existsSync } from 'node:fs';
import type { Account } from '../../core/account.ts';
import { digestOf, type Digest } from '../../core/digest.ts';
import { artifactOf } from '../../core/document/artifact-of.ts';
import { MAX_DOCUMENT_BYTES } from '../../core/document/limits.ts';
import { parseDocument } from '../../core/document/parse-document.ts';
import { DewproofError, hasCode, type ErrorCode } from '../../core/errors.ts';
import { exitCodeOf, exitCodes } from '../../core/exit-codes.ts';
import { isName, resourceIdOf, type Name } from '../../core/ids.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import { fetchDocument } from '../apply/find-documents.ts';
import { verifyAsDevice } from '../apply/verify-as-device.ts';
import { verifyStanding } from '../apply/verify-standing.ts';
import type { VerifyOptions } from '../commands/verify.ts';
import type { DewClient } from '../dew/dew-client.ts';
import { fetchArtifact } from '../dew/fetch-artifact.ts';
import { findBytes } from '../dew/find-bytes.ts';
import { dewsOf } from '../dew/session-dews.ts';
import { readNamedFile } from '../home/read-named-file.ts';
import { readState } from '../ledger/read-state.ts';
import { printRecord } from '../output/print.ts';
import { openCallSigner, openSessionAccount, withLedger, type ReaderSession } from '../session.ts';

/** What a verification found; `code` where it was refused. */
interface Verdict {
  readonly target: string;
  readonly device: Account | undefined;
  readonly verdict: 'verified' | 'refused';
  readonly code: ErrorCode | undefined;
  readonly why: string;
  readonly digest: Digest | undefined;
}

/**
 * Holds a document (a file, or what the ledger names of a resource) against the ledger and prints the verdict; exit
 * code 77 where it is refused.
 * @throws USAGE, NOT_FOUND, LEDGER_UNAVAILABLE, DEW_UNAVAILABLE, CONFIG
 */
export async function verifyDocument(target: string, options: VerifyOptions): Promise<void> {
  if (!isFile(target) && !isName(target)) throw noFile(target);
  await withLedger(options, async (session) => {
    const state = await readState(session.ledger);
    const verdict = await judge({ target, state }, { session, options });
    await printRecord(verdict, options.output);
    if (verdict.verdict === 'refused') process.exitCode = exitCodes.refused;
  });
}

async function judge(
  { target, state }: { readonly target: string; readonly state: LedgerState },
  context: { readonly session: ReaderSession; readonly options: VerifyOptions },
): Promise<Verdict> {
  const { device } = context.options;
  let digest: Digest | undefined;
  try {
    const bytes = await readTarget({ target, state }, context);
    digest = digestOf(bytes);
    const why = [await verifyBytes({ bytes, state }, context), ...(await verifyFile({ target, bytes }, context))].join(
      '; ',
    );
    return { target, device, verdict: 'verified', code: undefined, why, digest };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { target, device, verdict: 'refused', code: error.code, why: error.message, digest };
  }
}

async function verifyBytes(
  { bytes, state }: { readonly bytes: Uint8Array; readonly state: LedgerState },
  { session, options }: { readonly session: ReaderSession; readonly options: VerifyOptions },
): Promise<string> {
  const parsed = parseDocument(bytes);
  const { device: account } = options;
  if (account === undefined) {
    const { version } = verifyStanding(parsed, state);
    return `it is version ${version} of ${parsed.document.metadata.name}, approved and active`;
  }
  const resource = resourceIdOf(parsed.document.metadata);
  const findProfile = (digest: Digest) => findBytes(digest, session, options);
  const { record } = await verifyAsDevice({ bytes, resource, account, findProfile }, session);
  return `${account} would start it as version ${record.version}`;
}

async function readTarget(
  { target, state }: { readonly target: string; readonly state: LedgerState },
  { session, options }: { readonly session: ReaderSession; readonly options: VerifyOptions },
): Promise<Uint8Array> {
  if (isFile(target)) {
    return readNamedFile(target, { maxBytes: MAX_DOCUMENT_BYTES, tooLarge: 'ENDLESS_DATA' });
  }
  const head = state.heads.get(resourceIdOf({ tenant: session.anchor.tenant, name: target }));
  if (head !== undefined) return askDews(head.digest, session, options);
  throw noRecord(target);
}

/** A home that names dews asks them, whatever it keeps itself: what they hand out is what devices get. */
async function askDews(digest: Digest, session: ReaderSession, options: VerifyOptions): Promise<Uint8Array> {
  const dews = await openDews(session, options);
  if (dews.length === 0) return findBytes(digest, session, options);
  const found = await fetchDocument(digest, dews);
  if (found !== undefined) return found.bytes;
  throw new DewproofError('NOT_FOUND', `No dew has ${digest}; have it applied again.`);
}

/** Of a resource whose document names a file: whether that is what dews hand out. Answers what is to be said of it. */
async function verifyFile(
  { target, bytes }: { readonly target: string; readonly bytes: Uint8Array },
  { session, options }: { readonly session: ReaderSession; readonly options: VerifyOptions },
): Promise<readonly string[]> {
  const artifact = isFile(target) ? undefined : artifactOf(parseDocument(bytes).document);
  const dews = artifact === undefined ? [] : await openDews(session, options);
  if (artifact === undefined || dews.length === 0) return [];
  await fetchArtifact(artifact, dews);
  return ['a dew hands out the file that it names'];
}

async function openDews(session: ReaderSession, options: VerifyOptions): Promise<readonly DewClient[]> {
  const { home } = session;
  if (home.config.dews.length === 0) return [];
  const signer = await openCallSigner(session, await openSessionAccount(session, options));
  return dewsOf({ home, signer });
}

/** What has the form of a name may be a file's, too. */
function isFile(target: string): boolean {
  return existsSync(target);
}

function noFile(target: string): DewproofError {
  return new DewproofError('USAGE', `${target} does not exist; check the path.`);
}

function noRecord(name: Name): DewproofError {
  return new DewproofError('NOT_APPROVED', `The ledger has no approved version of ${name}; have one approved.`);
}

/** What is wrong with the document or its approval, as against what kept us from finding out. */
function isRefusal(error: unknown): error is DewproofError {
  return hasCode(error, 'SCHEMA', 'TOO_DEEP', 'UNSUPPORTED', 'UNBOUND') || exitCodeOf(error) === exitCodes.refused;
}
