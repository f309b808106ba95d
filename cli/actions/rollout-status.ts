import { resourceIdOf, type Name } from '../../core/ids.ts';
import type { LedgerState } from '../../core/ledger/state.ts';
import { isSame } from '../../core/rollout/decide-rollout.ts';
import type { RolloutOrder } from '../../core/rollout/order.ts';
import type { RolloutReport } from '../../core/wire/rollout-report.ts';
import { dewsOf } from '../dew/session-dews.ts';
import { readState } from '../ledger/read-state.ts';
import type { GlobalOptions } from '../options.ts';
import { printRecord } from '../output/print.ts';
import { readRollout, type DewReport } from '../rollout/read-rollout.ts';
import { formatRollout, type RolloutView } from '../rows/rollout-text.ts';
import { withAccount } from '../session.ts';

/** Prints how a rollout fares, as the dews tell. @throws NOT_FOUND, FORBIDDEN, the dews' codes */
export async function showRollout(name: Name, options: GlobalOptions): Promise<void> {
  await withAccount(options, async (session) => {
    const { tenant } = session.anchor;
    const reports = await readRollout({ tenant, name }, { dews: dewsOf(session) });
    const view = viewOf(reports, await readState(session.ledger));
    if (options.output === 'table') process.stdout.write(formatRollout(view));
    else await printRecord(view, options.output);
  });
}

/** What dews of several groups, or several of one, say of one order. */
function viewOf(reports: readonly DewReport[], state: LedgerState): RolloutView {
  const [first] = reports;
  if (first === undefined) throw new TypeError('A rollout that no dew reports has no view.');
  const { order } = first.report.signed;
  const halted = reports.find(({ report }) => report.phase === 'aborted-by-threshold');
  const devices = mergeDevices(reports.flatMap(({ report }) => report.devices));
  const failed = devices.filter(({ state: own }) => own === 'failed');
  const { name, from, to, canaries, population, errorThreshold, serial, author, seed } = order;
  return {
    resource: name,
    phase: (halted ?? first).report.phase,
    standing: standingOf(order, state),
    from: from.version,
    to: to.version,
    canaries: canaries.length,
    population,
    errorThreshold,
    failed: failed.filter(({ canary }) => canary).length,
    failures: countBy(failed.map(({ code }) => code ?? 'INTERNAL')),
    ageSeconds: Math.max(...reports.map(({ report }) => report.ageSeconds)),
    serial,
    author,
    seed,
    devices,
  };
}

function standingOf(order: RolloutOrder, state: LedgerState): RolloutView['standing'] {
  const head = state.heads.get(resourceIdOf(order));
  if (isSame(order.to, head)) return head?.status === 'revoked' ? 'revoked' : 'under way';
  return isSame(order.from, head) ? 'pending' : 'over';
}

/** Of one device, what it said last. */
function mergeDevices(devices: RolloutReport['devices']): RolloutReport['devices'] {
  const merged = new Map<string, RolloutReport['devices'][number]>();
  for (const device of devices) {
    const known = merged.get(device.account);
    const isNewer = known === undefined || known.state === 'unknown' || isYounger([device, known]);
    if (isNewer) merged.set(device.account, device);
  }
  return [...merged.values()];
}

function isYounger([one, other]: readonly [
  RolloutReport['devices'][number],
  RolloutReport['devices'][number],
]): boolean {
  return one.state !== 'unknown' && (one.ageSeconds ?? Infinity) < (other.ageSeconds ?? Infinity);
}

function countBy(codes: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const code of codes) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}
