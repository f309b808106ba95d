import type { Account } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';
import { resourceIdOf, type GroupId, type ResourceId } from '../../core/ids.ts';
import { factsOf } from '../../core/ledger/facts.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import type { IsSignedBy } from '../../core/signatures.ts';
import { digestOfStatement, statementOf, type SecretNames } from '../../core/secrets/secret-record.ts';
import { verifySecretRecord } from '../../core/secrets/verify-secret-record.ts';
import { MAX_LISTED_SECRETS, MAX_OFFERED, type SealedCopy, type SecretUpload } from '../../core/wire/secrets.ts';
import type { KnownState } from '../ledger/state-json.ts';
import { mayManage, verifyDevice, verifySigned, type CallerQuestion } from '../verify-caller.ts';
import type { SecretEntry, SecretStore } from './secret-store.ts';

/** The most secrets that a dew keeps of one resource, withdrawn ones included. */
export const MAX_SECRETS_OF_RESOURCE = 256;

/** An upload, who brings it, and what it is held against. */
export interface SecretUploadQuestion {
  readonly upload: SecretUpload;
  readonly asked: SecretNames;
  readonly caller: CallerQuestion;
  readonly known: KnownState;
  /** The groups that this dew serves. */
  readonly groups: ReadonlySet<GroupId>;
  readonly store: SecretStore;
}

/**
 * Verifies an upload and answers which of its copies to keep. A record is taken for its author's sake, so whoever may
 * manage the resource may bring it; an edge of the resource's group may bring back what a dew lost, and add copies
 * for devices that have none.
 * @throws UNAUTHENTICATED, FORBIDDEN, NOT_ENROLLED, SUSPENDED, NOT_APPROVED, WRONG_CHAIN, WRONG_RESOURCE,
 * VERSION_NOT_NEWER, FAST_FORWARD, CONFLICT (too many), SCHEMA
 */
export function verifySecretUpload(
  question: SecretUploadQuestion,
  deps: { readonly isSignedBy: IsSignedBy },
): readonly SealedCopy[] {
  const { upload, asked, caller, known, store } = question;
  const { record } = upload;
  const entry = store.get(asked);
  const bringer = verifyBringer(question);
  verifyNewer(upload, entry);
  const recordQuestion = {
    record,
    asked,
    ledger: known.identity,
    facts: factsOf(known.state),
    now: caller.now,
    lastSeen: entry === undefined ? undefined : { version: entry.record.version, digest: entry.digest },
  };
  verifySecretRecord(recordQuestion, deps);
  if (record.commitment === null && upload.copies.length > 0) {
    throw new DewproofError('SCHEMA', 'A withdrawn secret has no copies.');
  }
  verifyRoom(question, entry);
  return upload.copies.filter((copy) =>
    isKept(copy, { question, bringer, entry: isSame(upload, entry) ? entry : undefined }),
  );
}

interface Bringer {
  readonly account: Account;
  readonly isManager: boolean;
}

function verifyBringer({ caller, known: { state }, groups, asked }: SecretUploadQuestion): Bringer {
  const account = verifySigned(caller);
  const resource = resourceIdOf({ tenant: asked.tenant, name: asked.resource });
  if (mayManage(caller, resource)) {
    if (groupsOf(resource, { state, groups }).size === 0) {
      throw new DewproofError('NOT_APPROVED', `The ledger holds no ${asked.resource} for this dew's groups.`);
    }
    return { account, isManager: true };
  }
  const device = state.devices.has(account) ? verifyDevice(caller) : undefined;
  const head = state.heads.get(resource);
  if (device?.kind === 'edge' && head?.status === 'active' && head.group === device.group) {
    return { account, isManager: false };
  }
  throw new DewproofError('FORBIDDEN', `${account} may not manage ${asked.resource}; ask for a grant of manage.`);
}

/** Also what is only proposed: a secret may be set before the version that needs it is approved. */
function groupsOf(
  resource: ResourceId,
  { state, groups }: { state: LedgerState; groups: ReadonlySet<GroupId> },
): ReadonlySet<GroupId> {
  const proposals = [...state.proposals.values()].filter((proposal) => proposal.resource === resource);
  const named = [state.heads.get(resource), ...proposals].flatMap((one) => one?.group ?? []);
  return new Set(named.filter((group) => groups.has(group)));
}

function isSame({ record }: SecretUpload, entry: SecretEntry | undefined): boolean {
  return digestOfStatement(statementOf(record)) === entry?.digest;
}

function verifyNewer(upload: SecretUpload, entry: SecretEntry | undefined): void {
  if (entry === undefined || isSame(upload, entry) || upload.record.version > entry.record.version) return;
  throw new DewproofError(
    'VERSION_NOT_NEWER',
    `Version ${entry.record.version} of ${entry.record.name} is here already; set it as ${entry.record.version + 1}.`,
  );
}

/** Whoever manages one resource, or all of them, must not fill the dew, nor have it plan for minutes at every poll. */
function verifyRoom(
  { asked, store, known: { state }, groups }: SecretUploadQuestion,
  entry: SecretEntry | undefined,
): void {
  if (entry !== undefined) return;
  const all = store.list();
  const of = all.filter(({ record }) => record.tenant === asked.tenant && record.resource === asked.resource);
  if (of.length >= MAX_SECRETS_OF_RESOURCE) throw full(asked.resource, of);
  const resource = resourceIdOf({ tenant: asked.tenant, name: asked.resource });
  for (const group of groupsOf(resource, { state, groups })) {
    // Devices are told of no more, and so would never get this one.
    const ofGroup = all.filter((one) => one.resource === resource || state.heads.get(one.resource)?.group === group);
    if (ofGroup.length >= MAX_OFFERED) throw full(`the group of ${asked.resource}`, ofGroup);
  }
  if (all.length >= MAX_LISTED_SECRETS) throw full('this dew', all);
}

function full(who: string, { length }: readonly SecretEntry[]): DewproofError {
  return new DewproofError(
    'CONFLICT',
    `The secrets of ${who} are ${length} already, withdrawn ones included; that is the most. Set one of those anew.`,
  );
}

/** Copies for devices that the ledger does not let have it now are left out: they are sealed on to once it does. */
function isKept(
  { recipient }: SealedCopy,
  { question, bringer, entry }: { question: SecretUploadQuestion; bringer: Bringer; entry: SecretEntry | undefined },
): boolean {
  const { known, groups, store, asked } = question;
  const device = known.state.devices.get(recipient);
  const resource = resourceIdOf({ tenant: asked.tenant, name: asked.resource });
  const permitted = groupsOf(resource, { state: known.state, groups });
  if (device?.kind !== 'edge' || device.status !== 'active' || !permitted.has(device.group)) return false;
  if (bringer.isManager) return true;
  // A device gone bad must not put a useless copy in the place of a good one, nor try again with another.
  if (entry?.copies.has(recipient) === true) return false;
  return !store.isDistrusted(asked, { recipient, by: bringer.account });
}
