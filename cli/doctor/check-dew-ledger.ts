import { z } from 'zod';
import { hasCode } from '../../core/errors.ts';
import { callDaemon } from '../../platform/control/control-client.ts';
import type { Home } from '../home/open-home.ts';
import { failure, ok, type Finding } from './finding.ts';

const statusSchema = z.looseObject({
  ledger: z.looseObject({
    height: z.string().nullable(),
    trouble: z.looseObject({ code: z.string(), message: z.string() }).nullable(),
  }),
});

/**
 * What a dew that runs says of its ledger, where its home names no node: options of `dew start` did, which nobody but
 * the dew knows. Undefined where the home tells, or no dew runs.
 */
export async function checkDewLedger(home: Home): Promise<Finding | undefined> {
  if (home.config.role !== 'dew' || home.config.node !== undefined) return undefined;
  try {
    const status = await callDaemon({ folder: home.dataFolder, command: 'status', timeoutMs: 5_000 });
    const { data } = statusSchema.safeParse(status);
    return data && findingOf(data.ledger);
  } catch (error) {
    if (hasCode(error)) return undefined;
    throw error;
  }
}

function findingOf({ height, trouble }: z.infer<typeof statusSchema>['ledger']): Finding {
  if (trouble === null)
    return ok(
      'ledger',
      `the dew follows it; ${height === null ? 'no block counts yet' : `block ${height} is the newest`}`,
    );
  const detail = `${trouble.code}: ${trouble.message}`;
  return failure('ledger', { detail, remedy: 'see `dewproof status` and `dewproof logs` of this dew' });
}
