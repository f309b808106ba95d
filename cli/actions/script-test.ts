import type { VirtualResource } from '../../core/document/schema.ts';
import { virtualResourceSchema } from '../../core/document/resource-schema.ts';
import { DewproofError } from '../../core/errors.ts';
import { exitCodes } from '../../core/exit-codes.ts';
import { rehearse } from '../../edge/behaviours/script/rehearse.ts';
import { parseRehearsalSteps } from '../../edge/behaviours/script/rehearsal-step.ts';
import { MAX_SOURCE_BYTES } from '../../edge/behaviours/script/script-limits.ts';
import { readDrafts } from '../apply/read-drafts.ts';
import type { ScriptTestOptions } from '../commands/script-test.ts';
import { readNamedFile } from '../home/read-named-file.ts';
import { say } from '../output/messages.ts';
import { visibleText } from '../output/visible-text.ts';

const MAX_READINGS_BYTES = 67_108_864;
const SALT = 'AAAAAAAAAAAAAAAAAAAAAA';

/** Runs a script over recorded readings. @throws USAGE, SCHEMA, ENDLESS_DATA, SCRIPT_ERROR */
export async function testScript(file: string, options: ScriptTestOptions): Promise<void> {
  const script = await readNamedFile(file, { maxBytes: MAX_SOURCE_BYTES, tooLarge: 'ENDLESS_DATA' });
  const document = options.document === undefined ? undefined : await readResource(options.document);
  const steps = parseRehearsalSteps(await readText(options.readings), document);
  const expected = options.expect === undefined ? undefined : linesOf(await readText(options.expect));
  const lines: string[] = [];
  const { failures } = await rehearse({
    script,
    document,
    steps,
    onDeed: (deed) => {
      const line = visibleText(JSON.stringify(deed));
      lines.push(line);
      process.stdout.write(`${line}\n`);
    },
  });
  if (failures > 0) {
    throw new DewproofError('SCRIPT_ERROR', `The script failed ${failures} times; see the lines that say "dropped".`);
  }
  const difference = expected === undefined ? undefined : differenceOf(lines, expected);
  if (difference === undefined) return;
  say(difference);
  process.exitCode = exitCodes.differs;
}

/** Says where what was done first differs from what was expected; undefined where it does not. */
function differenceOf(lines: readonly string[], expected: readonly string[]): string | undefined {
  for (let index = 0; index < Math.max(lines.length, expected.length); index += 1) {
    if (lines[index] === expected[index]) continue;
    return `differs at line ${index + 1}:\n  expected ${expected[index] ?? 'nothing'}\n  got ${lines[index] ?? 'nothing'}`;
  }
  return undefined;
}

/** The one resource with a script that a file describes; addresses may stay open, nothing is reached by them. */
async function readResource(file: string): Promise<VirtualResource> {
  const drafts = (await readDrafts([file])).map(({ draft }) => draft);
  const [draft] = drafts;
  if (draft?.kind !== 'VirtualResource' || drafts.length > 1 || draft.spec.runtime.kind !== 'script') {
    throw new DewproofError('USAGE', `${file} does not hold one resource with a script; name its own file.`);
  }
  return virtualResourceSchema.parse({
    ...draft,
    spec: { ...draft.spec, version: draft.spec.version ?? 1, salt: draft.spec.salt ?? SALT },
  });
}

async function readText(file: string): Promise<string> {
  const bytes = await readNamedFile(file, { maxBytes: MAX_READINGS_BYTES, tooLarge: 'ENDLESS_DATA' });
  return new TextDecoder().decode(bytes);
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}
