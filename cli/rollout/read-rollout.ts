import { DewproofError } from '../../core/errors.ts';
import type { Name } from '../../core/ids.ts';
import { compareOrders, messageOfOrder } from '../../core/rollout/order.ts';
import type { RolloutReport } from '../../core/wire/rollout-report.ts';
import { isSignedBy } from '../is-signed-by.ts';
import type { DewClient } from '../dew/dew-client.ts';
import { warn } from '../output/messages.ts';

/** What one dew says of a rollout. */
export interface DewReport {
  readonly dew: string;
  readonly report: RolloutReport;
}

/**
 * Asks all dews for a rollout and answers what they say of the newest order among theirs; an order that its author did
 * not sign, or that is about something else, is a lie. A dew that is away is warned of.
 * @throws NOT_FOUND, UNAUTHENTICATED, WRONG_RESOURCE, and the last dew's refusal where none answers
 */
export async function readRollout(
  scope: { readonly tenant: Name; readonly name: Name },
  { dews }: { readonly dews: readonly DewClient[] },
): Promise<readonly DewReport[]> {
  const results = await Promise.allSettled(dews.map((dew) => dew.getRollout(scope)));
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  if (failures.length > 0 && failures.length === dews.length) throw failures.at(-1);
  for (const failure of failures) warn(failure instanceof Error ? failure.message : String(failure));
  const reports = results.flatMap((result, index): DewReport[] => {
    const [dew, report] = [dews[index]?.url ?? '', result.status === 'fulfilled' ? result.value : undefined];
    return report === undefined ? [] : [{ dew, report: verifyReport(report, { dew, ...scope }) }];
  });
  const newest = reports.toSorted((a, b) => compareOrders([b.report.signed.order, a.report.signed.order]))[0];
  if (newest === undefined)
    throw new DewproofError(
      'NOT_FOUND',
      `No dew has a rollout of ${scope.name}; begin one with \`dewproof apply -f FILE --canary 10%\`.`,
    );
  const { order } = newest.report.signed;
  const isNewest = ({ report }: DewReport) => compareOrders([report.signed.order, order]) === 0;
  for (const { dew } of reports.filter((one) => !isNewest(one))) warn(`${dew} has an older order only.`);
  return reports.filter(isNewest);
}

function verifyReport(
  report: RolloutReport,
  { dew, tenant, name }: { dew: string; tenant: Name; name: Name },
): RolloutReport {
  const { order, signature } = report.signed;
  if (order.tenant !== tenant || order.name !== name) {
    throw new DewproofError(
      'WRONG_RESOURCE',
      `${dew} answers the order of ${order.tenant}/${order.name}; do not trust it.`,
    );
  }
  if (isSignedBy({ account: order.author, message: messageOfOrder(order), signature })) return report;
  throw new DewproofError('UNAUTHENTICATED', `${dew} answers an order that its author never signed; do not trust it.`);
}
