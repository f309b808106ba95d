import type { Account } from '../../core/account.ts';
import type { Bytes32, Digest } from '../../core/digest.ts';
import type { ParsedDocument } from '../../core/document/parse-document.ts';
import { hasCode } from '../../core/errors.ts';
import type { Document } from '../../core/document/schema.ts';
import type { Name } from '../../core/ids.ts';
import { dewsOf } from '../dew/session-dews.ts';
import { upload } from '../dew/upload.ts';
import { submit } from '../ledger/submit.ts';
import type { WriterSession } from '../session.ts';
import type { ApplyPlan, ProfilePlan } from './plan-all.ts';
import type { Artifact } from './read-artifact.ts';
import type { ResourcePlan } from './plan-resource.ts';

/** `changed`: given to devices; `unused`: a profile that no device has, and no dew therefore keeps. */
type Change = 'proposed' | 'changed' | 'unchanged' | 'unused';

/** What came of one document; `transactions` are those of this run, `uploaded` the dews that have it now. */
export interface ApplyResult {
  readonly kind: Document['kind'];
  readonly name: Name;
  readonly version: number;
  /** Absent in a dry run for what would be sealed anew. */
  readonly digest: Digest | undefined;
  readonly change: Change;
  readonly devices: readonly Account[] | undefined;
  readonly transactions: readonly Bytes32[];
  readonly uploaded: readonly string[];
}

/** A result, and why no dew took the document where that is so. */
export interface ApplyOutcome {
  readonly result: ApplyResult;
  readonly failure: unknown;
}

/** Whose hand it is, and the files that documents name, as far as they are at hand. */
export interface Hand {
  readonly session: WriterSession;
  readonly artifacts: readonly Artifact[];
}

/**
 * Does what was planned: every new document is on disk before the ledger hears of it, all proposals are one
 * transaction, and only then are the dews handed anything, since they keep only what the ledger names.
 * @throws the ledger's own codes
 */
export async function carryOut(plan: ApplyPlan, hand: Hand): Promise<readonly ApplyOutcome[]> {
  const { session } = hand;
  const transactions = await propose(plan.resources, session);
  const outcomes: ApplyOutcome[] = [];
  for (const { document, change } of plan.resources) {
    const own =
      change === 'propose'
        ? ({ change: 'proposed', transactions } as const)
        : ({ change: 'unchanged', transactions: [] } as const);
    outcomes.push(await handOver({ document, devices: undefined, ...own }, hand));
  }
  for (const profile of plan.profiles) outcomes.push(await carryOutProfile(profile, session));
  return outcomes;
}

async function propose(plans: readonly ResourcePlan[], session: WriterSession): Promise<readonly Bytes32[]> {
  const proposed = plans.filter(({ change }) => change === 'propose');
  if (proposed.length === 0) return [];
  const fresh: ParsedDocument[] = [];
  for (const { document } of proposed) if (await session.documents.keep(document)) fresh.push(document);
  try {
    const proposals = proposed.map(({ proposal }) => proposal);
    return [(await submit(session.ledger, { type: 'propose', proposals })).transaction];
  } catch (error) {
    // Refused, not lost on the way: nothing of these stands anywhere, and their versions are free again.
    if (hasCode(error) && !hasCode(error, 'LEDGER_UNAVAILABLE', 'TIMEOUT', 'INTERNAL')) {
      for (const document of fresh) await session.documents.drop(document);
    }
    throw error;
  }
}

async function carryOutProfile(
  { profile, devices, isInUse }: ProfilePlan,
  session: WriterSession,
): Promise<ApplyOutcome> {
  await session.documents.keep(profile);
  const transactions: Bytes32[] = [];
  for (const account of devices) {
    const command = { type: 'set-device-profile', account, profile: profile.digest } as const;
    transactions.push((await submit(session.ledger, command)).transaction);
  }
  if (!isInUse) {
    const result = { ...resultOf(profile), change: 'unused', devices, transactions, uploaded: [] } as const;
    return { result, failure: undefined };
  }
  const change = devices.length > 0 ? 'changed' : 'unchanged';
  return handOver({ document: profile, change, devices, transactions }, { session, artifacts: [] });
}

async function handOver(
  done: Pick<ApplyResult, 'change' | 'devices' | 'transactions'> & { readonly document: ParsedDocument },
  { session, artifacts }: Hand,
): Promise<ApplyOutcome> {
  const { document, ...rest } = done;
  const result = { ...resultOf(document), ...rest };
  try {
    return {
      result: { ...result, uploaded: await upload(document, { dews: dewsOf(session), artifacts }) },
      failure: undefined,
    };
  } catch (failure) {
    return { result: { ...result, uploaded: [] }, failure };
  }
}

function resultOf({ document, digest }: ParsedDocument): Pick<ApplyResult, 'kind' | 'name' | 'version' | 'digest'> {
  return { kind: document.kind, name: document.metadata.name, version: document.spec.version, digest };
}
