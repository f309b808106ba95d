import { parseAccount } from '../../core/account.ts';
import { DewproofError } from '../../core/errors.ts';
import { parseName } from '../../core/ids.ts';
import type { DescribedKind } from '../commands/describe.ts';
import { readState } from '../ledger/read-state.ts';
import type { GlobalOptions } from '../options.ts';
import { printRecord } from '../output/print.ts';
import { describeDevice, describeResource } from '../rows/descriptions.ts';
import { withLedger } from '../session.ts';

interface Words {
  readonly kind: DescribedKind;
  readonly word: string;
}

/** Prints all that is known of one resource or device. @throws USAGE, NOT_FOUND */
export async function describe(words: Words, options: GlobalOptions): Promise<void> {
  const subject = parseSubject(words);
  await withLedger(options, async ({ ledger, names, documents }) => {
    const state = await readState(ledger);
    const description =
      subject.kind === 'device'
        ? describeDevice({ account: subject.account, state, names })
        : await describeResource({ name: subject.name, state, names, documents });
    await printRecord(description, options.output);
  });
}

function parseSubject({ kind, word }: Words) {
  try {
    return kind === 'device'
      ? ({ kind: 'device', account: parseAccount(word) } as const)
      : ({ kind: 'resource', name: parseName(word) } as const);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new DewproofError('USAGE', `${what} See \`dewproof describe --help\`.`, { cause: error });
  }
}
