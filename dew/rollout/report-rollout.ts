import type { Account } from '../../core/account.ts';
import { digestOfOrder } from '../../core/rollout/order.ts';
import type { RolloutReport } from '../../core/wire/rollout-report.ts';
import type { DewRollout } from './rollout-store.ts';

/** Reports a rollout; `placed` are the devices that the resource is placed on, `nowMs` is in Unix milliseconds. */
export function reportRollout(
  { signed, halted, receivedMs, outcomes }: DewRollout,
  { placed, nowMs }: { readonly placed: readonly Account[]; readonly nowMs: number },
): RolloutReport {
  const { order } = signed;
  const name = digestOfOrder(order);
  const ageOf = (ms: number) => Math.max(0, Math.floor((nowMs - ms) / 1000));
  const deviceOf = (account: Account): RolloutReport['devices'][number] => {
    const canary = order.canaries.includes(account);
    const said = outcomes.find((one) => one.signed.outcome.device === account);
    const outcome = said?.signed.outcome;
    if (said === undefined || outcome?.order !== name) {
      return {
        account,
        canary,
        state: 'unknown',
        version: null,
        code: null,
        ageSeconds: said ? ageOf(said.atMs) : null,
      };
    }
    const { state, version, code } = outcome;
    return { account, canary, state, version, code, ageSeconds: ageOf(said.atMs) };
  };
  const accounts = [...placed, ...order.canaries, ...outcomes.map((one) => one.signed.outcome.device)];
  const devices = [...new Set(accounts)].toSorted().map(deviceOf);
  return {
    signed,
    phase: halted ? 'aborted-by-threshold' : order.phase,
    ageSeconds: ageOf(receivedMs),
    failed: devices.filter(({ state, canary }) => canary && state === 'failed').length,
    devices,
  };
}
