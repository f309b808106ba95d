import { styleText } from 'node:util';
import { exitCodes } from '../../core/exit-codes.ts';
import { planAll } from '../apply/plan-all.ts';
import { readDrafts } from '../apply/read-drafts.ts';
import { verifyDrafts } from '../apply/verify-drafts.ts';
import type { DiffOptions } from '../commands/diff.ts';
import { dewsOf } from '../dew/session-dews.ts';
import { comparePlan, type Comparison } from '../diff/compare.ts';
import { fieldChanges } from '../diff/field-changes.ts';
import { unifiedDiff } from '../diff/unified-diff.ts';
import { readState } from '../ledger/read-state.ts';
import { formatData, type OutputFormat } from '../output/print.ts';
import type { Plain } from '../output/plain.ts';
import { openSession, withAccount } from '../session.ts';

/**
 * Prints what `apply` would change; exits with 2 where anything would. The checks and the plan are those of `apply`.
 * @throws USAGE, SCHEMA, TOO_DEEP, ENDLESS_DATA, CYCLE, UNSUPPORTED, VERSION_NOT_NEWER, NOT_FOUND, the ledger's and dews' codes
 */
export async function diff(options: DiffOptions): Promise<void> {
  const drafts = await readDrafts(options.filename);
  const { anchor } = await openSession(options);
  verifyDrafts(drafts, anchor.tenant);
  await withAccount(options, async (session) => {
    const context = {
      state: await readState(session.ledger),
      sources: { documents: session.documents, dews: dewsOf(session) },
    };
    const plan = await planAll(drafts, context);
    const compared = await comparePlan(plan, { ...context, drafts });
    process.stdout.write(await format(compared, options.output));
    if (compared.some(({ differs }) => differs)) process.exitCode = exitCodes.differs;
  });
}

async function format(compared: readonly Comparison[], output: OutputFormat): Promise<string> {
  if (output !== 'table') return formatData(compared.map(dataOf), output);
  const texts: string[] = [];
  for (const one of compared) if (one.differs) texts.push(await diffOf(one));
  return texts.join('');
}

function dataOf({ kind, name, differs, before, after }: Comparison) {
  const from = before && { version: before.version, standing: before.standing };
  const fields = fieldChanges({ from: before?.content, to: after.content });
  return { kind, name, differs, from, to: { version: after.version }, fields: differs ? fields : [] };
}

async function diffOf({ kind, name, before, after }: Comparison): Promise<string> {
  const lines = unifiedDiff({
    before: {
      label: before === undefined ? '/dev/null' : `${kind}/${name} version ${before.version} (${before.standing})`,
      lines: before === undefined ? [] : await yamlLines(before.content),
    },
    after: { label: `${kind}/${name} version ${after.version}`, lines: await yamlLines(after.content) },
  });
  return lines.map((line) => `${colour(line)}\n`).join('');
}

/** Lines that hold no control characters: `formatData` shows them as escapes. */
async function yamlLines(content: Plain): Promise<readonly string[]> {
  return (await formatData(content, 'yaml')).replace(/\n$/, '').split('\n');
}

function colour(line: string): string {
  const style = line.startsWith('+')
    ? 'green'
    : line.startsWith('-')
      ? 'red'
      : line.startsWith('@')
        ? 'cyan'
        : undefined;
  return style === undefined ? line : styleText(style, line, { stream: process.stdout });
}
