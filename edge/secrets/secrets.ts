import type { Account } from '../../core/account.ts';
import type { VirtualResource } from '../../core/document/schema.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import type { LedgerIdentity } from '../../core/ledger/records.ts';
import { digestOfStatement, statementOf, type SecretNames } from '../../core/secrets/secret-record.ts';
import type { SecretVault } from '../../core/secrets/secret-vault.ts';
import type { IsSignedBy } from '../../core/signatures.ts';
import { verifySecretRecord } from '../../core/secrets/verify-secret-record.ts';
import type { SecretCopy } from '../../core/wire/secrets.ts';
import { unixSeconds, type Clock } from '../../platform/clock.ts';
import { openCopy } from '../../platform/secrets/open-copy.ts';
import type { StateKeeper } from '../state/state-keeper.ts';
import { createTurns } from '../../platform/create-turns.ts';
import type { AcceptedSecret, AcceptedSecrets } from './accepted-secrets.ts';
import type { SecretsClient } from './secrets-client.ts';

/** What resources get their secrets from. */
export interface Secrets {
  /**
   * Has all secrets that a document names on this device, verified and on disk (fsync), before it starts; where they
   * are, nobody is asked. @throws SECRET_MISSING (says which, and why)
   */
  prepare(document: VirtualResource, signal: AbortSignal): Promise<void>;
  /** The newest accepted value; it is in memory for as long as the caller keeps it. @throws SECRET_MISSING, DISK_FULL */
  get(names: SecretNames): Promise<string>;
  /**
   * Fetches a secret from one dew and accepts it where it is newer and right.
   * @throws what verifySecretRecord, openCopy and the client do, LEDGER_UNAVAILABLE (nothing is believed yet)
   */
  obtain(names: SecretNames, from: SecretsClient): Promise<AcceptedSecret>;
  /** Tells whether a resource here has been prepared with it. */
  isNeeded(names: SecretNames): boolean;
  /** What is accepted of one secret so far. */
  accepted(names: SecretNames): AcceptedSecret | undefined;
  /** All that is accepted. */
  list(): readonly AcceptedSecret[];
}

/** What secrets stand on; `ledger` is the anchor's. */
export interface SecretsDeps {
  readonly account: Account;
  readonly ledger: LedgerIdentity;
  readonly vault: SecretVault;
  readonly isSignedBy: IsSignedBy;
  readonly keeper: Pick<StateKeeper, 'newest' | 'aging'>;
  readonly store: AcceptedSecrets;
  readonly urls: readonly string[];
  readonly clientOf: (of: { readonly url: string; readonly signal: AbortSignal }) => SecretsClient;
  readonly clock: Clock;
  /** Hears of each dew that answered badly, also where another one helped out. */
  readonly onRefusal: (refusal: { readonly url: string; readonly error: DewproofError }) => void;
}

/** Makes them of what the disk holds. */
export function createSecrets(deps: SecretsDeps): Secrets {
  const { store, keeper } = deps;
  const needed = new Set<string>();
  // What one acceptance is held against, the one before it wrote.
  const inTurn = createTurns();

  async function obtain(names: SecretNames, from: SecretsClient): Promise<AcceptedSecret> {
    const copy = await from.copyOf(names);
    try {
      return await inTurn(() => accept(names, copy));
    } catch (error) {
      // Whoever sealed it on is not to be asked again; the manager's own copy is replaced by setting the secret anew.
      if (hasCode(error, 'DIGEST_MISMATCH', 'SCHEMA')) await reject(names, from);
      throw error;
    }
  }

  /** A dew that does not take it hears of it the next time; what was wrong with the copy is what counts. */
  async function reject(names: SecretNames, from: SecretsClient): Promise<void> {
    try {
      await from.rejectCopy(names);
    } catch (error) {
      if (!hasCode(error)) throw error;
    }
  }

  async function accept(names: SecretNames, { record, envelope }: SecretCopy): Promise<AcceptedSecret> {
    const facts = keeper.newest()?.state;
    if (facts === undefined) throw new DewproofError('LEDGER_UNAVAILABLE', 'This device believes no state yet.');
    const known = store.get(names);
    const question = {
      record,
      asked: names,
      ledger: deps.ledger,
      facts,
      now: unixSeconds(deps.clock),
      aging: keeper.aging,
      lastSeen: known && {
        version: known.record.version,
        digest: digestOfStatement(statementOf(known.record)),
      },
    };
    const verified = verifySecretRecord(question, deps);
    if (verified.commitment === null) return keep({ record: verified, envelope: null }, known);
    if (envelope === null)
      throw new DewproofError('NOT_FOUND', `No copy of ${names.name} is sealed to this device yet.`);
    await openCopy({ record: verified, envelope }, deps);
    return keep({ record: verified, envelope }, known);
  }

  async function keep(accepted: AcceptedSecret, known: AcceptedSecret | undefined): Promise<AcceptedSecret> {
    if (known?.record.version === accepted.record.version && known.envelope !== null) return known;
    await store.put(accepted);
    return accepted;
  }

  /** Why it is not to be had; undefined where it is here now. */
  async function lackOf(names: SecretNames, signal: AbortSignal): Promise<string | undefined> {
    if (isUsable(store.get(names))) return undefined;
    let why = 'this device knows no dew';
    for (const url of deps.urls) {
      try {
        if (isUsable(await obtain(names, deps.clientOf({ url, signal })))) return undefined;
        why = 'it was withdrawn';
      } catch (error) {
        signal.throwIfAborted();
        if (!hasCode(error)) throw error;
        if (!hasCode(error, 'NOT_FOUND')) deps.onRefusal({ url, error });
        why = `${error.code} at ${url}`;
      }
    }
    return why;
  }

  return {
    prepare: async ({ metadata, spec }, signal) => {
      const missing: string[] = [];
      for (const name of spec.secrets) {
        const names = { tenant: metadata.tenant, resource: metadata.name, name };
        needed.add(keyOf(names));
        const why = await lackOf(names, signal);
        if (why !== undefined) missing.push(`${name} (${why})`);
      }
      if (missing.length > 0) throw secretMissing(metadata.name, missing.join(', '));
    },
    get: async (names) => {
      const accepted = store.get(names);
      if (!isUsable(accepted)) throw secretMissing(names.resource, names.name);
      const { value } = await openCopy(accepted, deps);
      return value;
    },
    obtain,
    isNeeded: (names) => needed.has(keyOf(names)),
    accepted: (names) => store.get(names),
    list: () => store.list(),
  };
}

type UsableSecret = AcceptedSecret & { readonly envelope: string };

function isUsable(accepted: AcceptedSecret | undefined): accepted is UsableSecret {
  return accepted !== undefined && accepted.envelope !== null;
}

function secretMissing(resource: string, which: string): DewproofError {
  return new DewproofError(
    'SECRET_MISSING',
    `${resource} lacks a secret here: ${which}; set it with \`dewproof secret set\`.`,
  );
}

function keyOf({ tenant, resource, name }: SecretNames): string {
  return `${tenant}/${resource}/${name}`;
}
