import type { LocalAccount } from '../chain/evm/local-account.ts';
import type { CallSigner } from '../core/calls.ts';
import type { Ledger } from '../core/ledger/ledger.ts';
import type { Anchor } from '../core/state/anchor.ts';
import { askNode } from './ledger/ask-node.ts';
import type { Clock } from '../platform/clock.ts';
import { chainIdOf } from './ledger/chain-id.ts';
import { openNames, type Names } from './home/names.ts';
import { openHome, type Home } from './home/open-home.ts';
import { readAnchor } from './home/read-anchor.ts';
import { openSealedDocuments, type SealedDocuments } from './home/sealed-documents.ts';
import type { GlobalOptions } from './options.ts';

/** What commands find in the user's home. */
export interface Session {
  readonly home: Home;
  readonly anchor: Anchor;
  readonly names: Names;
  readonly documents: SealedDocuments;
}

/** A session that reads the ledger; it needs no key. */
export interface ReaderSession extends Session {
  readonly ledger: Ledger;
}

/** A session that acts as the home's account. */
export interface WriterSession extends ReaderSession {
  readonly account: LocalAccount;
  readonly signer: CallSigner;
}

/** Opens the home and what it says of its tenant. @throws CONFIG */
export async function openSession(options: GlobalOptions): Promise<Session> {
  const home = await openHome(options.home);
  const anchor = await readAnchor(home.anchorFile);
  const names = await openNames({ file: home.namesFile, tenant: anchor.tenant });
  for (const group of home.config.daemon.groups) names.learn('group', group);
  return { home, anchor, names, documents: openSealedDocuments(home.documentsFolder) };
}

/** Runs `use` with the tenant's ledger, read-only, and closes it. @throws LEDGER_UNAVAILABLE, WRONG_CHAIN, CONFIG */
export async function withLedger(
  options: GlobalOptions,
  use: (session: ReaderSession) => Promise<void>,
): Promise<void> {
  const session = await openSession(options);
  const { openEvmLedger } = await import('../chain/evm/evm-ledger.ts');
  const ledger = await openEvmLedger({ anchor: askNode(session.anchor, session.home.config) });
  try {
    await use({ ...session, ledger });
  } finally {
    await ledger.close();
  }
}

/** As `withLedger`, acting as the home's account. @throws KEY_MISSING, WRONG_PASSWORD too */
export async function withAccount(
  options: GlobalOptions,
  use: (session: WriterSession) => Promise<void>,
): Promise<void> {
  const session = await openSession(options);
  const account = await openSessionAccount(session, options);
  const { openEvmLedger } = await import('../chain/evm/evm-ledger.ts');
  const ledger = await openEvmLedger({ anchor: askNode(session.anchor, session.home.config), signer: account });
  try {
    await use({ ...session, ledger, account, signer: await openCallSigner(session, account) });
  } finally {
    await ledger.close();
  }
}

/** Opens the key of the session's home. @throws KEY_MISSING, WRONG_PASSWORD, CONFIG */
export async function openSessionAccount({ home }: Session, options: GlobalOptions): Promise<LocalAccount> {
  const { openAccount } = await import('./home/open-account.ts');
  return openAccount(home, { passwordFile: options.passwordFile });
}

/** Signs HTTP calls as `account`, for the tenant's chain, at the time of `clock` (this host's where left out). */
export async function openCallSigner(
  { anchor, clock = Date.now }: Pick<Session, 'anchor'> & { readonly clock?: Clock },
  account: LocalAccount,
): Promise<CallSigner> {
  const { createCallSigner } = await import('../platform/calls/sign-call.ts');
  const signMessage = (message: Uint8Array) => account.signMessage(message);
  return createCallSigner({ account: account.account, signMessage, chainId: chainIdOf(anchor), clock });
}
