import { DewproofError } from '../../core/errors.ts';
import { exitCodes } from '../../core/exit-codes.ts';
import { carryOut, type ApplyOutcome } from '../apply/carry-out.ts';
import { hintSecrets } from '../apply/hint-secrets.ts';
import { planAll, type ApplyPlan } from '../apply/plan-all.ts';
import { readDrafts } from '../apply/read-drafts.ts';
import { verifyDrafts } from '../apply/verify-drafts.ts';
import type { ApplyOptions } from '../commands/apply.ts';
import { dewsOf } from '../dew/session-dews.ts';
import type { Names } from '../home/names.ts';
import { readState } from '../ledger/read-state.ts';
import { codedError } from '../output/report-error.ts';
import { say } from '../output/messages.ts';
import { printRows, type OutputFormat } from '../output/print.ts';
import { applyColumns, plannedResults } from '../rows/apply-rows.ts';
import { beginRollouts } from '../rollout/begin-rollouts.ts';
import { openSession, withAccount } from '../session.ts';

/**
 * Proposes what documents say and hands them to the dews; with `--dry-run` it only shows what would change, and exits
 * with 2 where anything would. What is wrong with the documents themselves is told before a key or ledger is touched.
 * @throws USAGE, SCHEMA, TOO_DEEP, ENDLESS_DATA, CYCLE, UNSUPPORTED, VERSION_NOT_NEWER, the ledger's and dews' codes
 */
export async function apply(options: ApplyOptions): Promise<void> {
  if (options.errorThreshold !== undefined && options.canary === undefined) {
    throw new DewproofError('USAGE', 'An error threshold is that of canaries; name a share with --canary.');
  }
  const drafts = await readDrafts(options.filename);
  const { anchor } = await openSession(options);
  verifyDrafts(drafts, anchor.tenant);
  await withAccount(options, async (session) => {
    const { ledger, documents, names } = session;
    const state = await readState(ledger);
    const plan = await planAll(drafts, { state, sources: { documents, dews: dewsOf(session) } });
    if (options.dryRun) {
      await showPlan(plan, options.output);
      return;
    }
    // First of all: who sees the new version on the ledger, asks a dew that has the order by then.
    if (options.canary !== undefined) {
      const { canary: share, errorThreshold } = options;
      await beginRollouts(plan.resources, { session, state, share, errorThreshold });
    }
    const artifacts = drafts.flatMap(({ artifact }) => artifact ?? []);
    const outcomes = await carryOut(plan, { session, artifacts });
    learnNames(plan, names);
    await names.save();
    await printRows({ rows: outcomes.map(({ result }) => result), columns: applyColumns, format: options.output });
    throwFailure(outcomes);
    await hintSecrets(
      plan.resources.map(({ document }) => document.document),
      session,
    );
  });
}

async function showPlan(plan: ApplyPlan, format: OutputFormat): Promise<void> {
  const rows = plannedResults(plan);
  await printRows({ rows, columns: applyColumns, format });
  say('Nothing was done: this was a dry run.');
  if (rows.some(({ change }) => change === 'proposed' || change === 'changed')) process.exitCode = exitCodes.differs;
}

function learnNames({ resources }: ApplyPlan, names: Names): void {
  for (const { document } of resources) {
    names.learn('resource', document.document.metadata.name);
    names.learn('group', document.document.spec.group);
  }
}

function throwFailure(outcomes: readonly ApplyOutcome[]): void {
  const failed = outcomes.filter(({ failure }) => failure !== undefined);
  if (failed.length === 0) return;
  const { code, message } = codedError(failed[0]?.failure);
  const names = failed.map(({ result }) => result.name).join(', ');
  const stand = failed.length === 1 ? 'stands' : 'stand';
  throw new DewproofError(code, `${names} ${stand} on the ledger but reached no dew: ${message} Then run this again.`);
}
