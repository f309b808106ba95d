import type { Account } from '../../core/account.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import type { GovernanceRole } from '../../core/ledger/records.ts';

/** Who acts in the suite, and the governance roles that the adapter's factory must give them. */
export const castRoles = {
  publisher: ['publisher'],
  /** Publishes and approves, so that only the rule on own proposals stops it. */
  author: ['publisher', 'approver'],
  approver: ['approver'],
  approver2: ['approver'],
  registrar: ['registrar'],
  'policy-admin': ['policy-admin'],
  revoker: ['revoker'],
  guardian: ['guardian'],
  /** Acts without delay. */
  admin: ['admin'],
  device: [],
  stranger: [],
} as const satisfies Readonly<Record<string, readonly GovernanceRole[]>>;

/** One of the suite's accounts. */
export type Actor = keyof typeof castRoles;

/** All of the suite's accounts, in one order. */
export const actors = Object.keys(castRoles) as readonly Actor[];

/** A fresh tenant on the ledger under test. */
export interface TestTenant {
  readonly accounts: Readonly<Record<Actor, Account>>;
  /** A ledger that submits as `actor`; read-only without one. The suite closes it. */
  openLedger(actor?: Actor): Promise<Ledger>;
  /** Adds a block with nothing of this tenant. */
  mine(): Promise<void>;
  close(): Promise<void>;
}

/** Makes a fresh tenant whose accounts have the roles of `castRoles`. */
export type LedgerFactory = (options: { readonly approvalThreshold: number }) => Promise<TestTenant>;
