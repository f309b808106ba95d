import type { Account } from '../../core/account.ts';
import { artifactOf, type ArtifactRef } from '../../core/document/artifact-of.ts';
import { DewproofError } from '../../core/errors.ts';
import type { Name } from '../../core/ids.ts';
import type { Submitted } from '../../core/ledger/ledger.ts';
import type { ProposalRecord } from '../../core/ledger/records.ts';
import { chooseProposal } from '../apply/choose-proposal.ts';
import { findProposed } from '../apply/find-documents.ts';
import { verifyProposed } from '../apply/verify-proposed.ts';
import type { ApproveOptions } from '../commands/approve.ts';
import { fetchArtifact } from '../dew/fetch-artifact.ts';
import { dewsOf } from '../dew/session-dews.ts';
import { confirm } from '../home/confirm.ts';
import { readState } from '../ledger/read-state.ts';
import { submit } from '../ledger/submit.ts';
import { say } from '../output/messages.ts';
import { formatData, printRows } from '../output/print.ts';
import { approvalColumns, approvalRow } from '../rows/approval-rows.ts';
import { withAccount, type WriterSession } from '../session.ts';

/**
 * Approves one proposal of each name in one transaction, having fetched, checked and shown every document and
 * the script that it names. Those that
 * this account approved before are left out, so that a run can be repeated.
 * @throws USAGE, NOT_FOUND, DIGEST_MISMATCH, WRONG_RESOURCE, MIX_AND_MATCH, WRONG_GROUP, the ledger's and dews' codes
 */
export async function approve(names: readonly Name[], options: ApproveOptions): Promise<void> {
  const { version, digest, output } = options;
  if (names.length > 1 && (version !== undefined || digest !== undefined)) {
    throw new DewproofError('USAGE', 'Give --version or --digest with one name only.');
  }
  await withAccount(options, async (session) => {
    const state = await readState(session.ledger);
    const { tenant } = session.anchor;
    const proposals = [...new Set(names)].map((name) => chooseProposal({ tenant, name, version, digest }, state));
    for (const proposal of proposals) await showProposal(proposal, session);
    const submitted = await approveOpen(proposals, { session, assumeYes: options.yes ?? false });
    await session.names.save();
    const context = { state, names: session.names, approver: session.account.account, submitted };
    const rows = proposals.map((proposal) => approvalRow(proposal, context));
    await printRows({ rows, columns: approvalColumns, format: output });
  });
}

/** What is about to be approved goes to stderr, beside the question; stdout is for what was done. */
async function showProposal(proposal: ProposalRecord, session: WriterSession): Promise<void> {
  const { documents, names } = session;
  const dews = dewsOf(session);
  const document = verifyProposed(await findProposed(proposal, { documents, dews }), proposal);
  const artifact = artifactOf(document);
  const file = artifact && { ...artifact, bytes: await fetchArtifact(artifact, dews) };
  names.learn('resource', document.metadata.name);
  names.learn('group', document.spec.group);
  say(`${document.metadata.name} version ${proposal.version}, proposed by ${proposal.proposer}`);
  say(`digest ${proposal.digest}`);
  for (const line of (await formatData(document, 'yaml')).trimEnd().split('\n')) say(`  ${line}`);
  if (file !== undefined) showFile(file);
}

/** Whoever approves a document approves the very script that it names: it is shown, not its digest alone. */
function showFile({ digest, size, bytes }: ArtifactRef & { readonly bytes: Uint8Array }): void {
  say(`file ${digest}, ${size} bytes`);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // Tabs would be shown as control characters, and mean no more than spaces.
    for (const line of text.trimEnd().split(/\r?\n/)) say(`  ${line.replaceAll('\t', '    ')}`);
  } catch {
    say('  It is no text; look at it with the tools of its kind.');
  }
}

async function approveOpen(
  proposals: readonly ProposalRecord[],
  { session, assumeYes }: { readonly session: WriterSession; readonly assumeYes: boolean },
): Promise<Submitted | undefined> {
  const open = proposals.filter((proposal) => !hasApproved(proposal, session.account.account));
  if (open.length === 0) return undefined;
  await confirm(`Approve ${open.length === 1 ? 'this' : `these ${open.length}`}?`, { assumeYes });
  return submit(session.ledger, { type: 'approve', proposals: open });
}

function hasApproved({ approvers }: ProposalRecord, account: Account): boolean {
  return approvers.includes(account);
}
