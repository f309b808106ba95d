import type { RolloutReport } from '../../core/wire/rollout-report.ts';
import { formatTable, type Column } from '../output/table.ts';
import { visibleText } from '../output/visible-text.ts';

/** A rollout as dews tell of it together. */
export interface RolloutView {
  readonly resource: string;
  readonly phase: RolloutReport['phase'];
  /** Against the ledger: `pending` until the new version is active, `over` once a newer one is. */
  readonly standing: 'pending' | 'under way' | 'revoked' | 'over';
  readonly from: number;
  readonly to: number;
  readonly canaries: number;
  readonly population: number;
  readonly errorThreshold: number;
  readonly failed: number;
  /** How many devices failed with each code. */
  readonly failures: Readonly<Record<string, number>>;
  readonly ageSeconds: number;
  readonly serial: number;
  readonly author: string;
  readonly seed: string;
  readonly devices: RolloutReport['devices'];
}

const deviceColumns: readonly Column<RolloutReport['devices'][number]>[] = [
  { title: 'DEVICE', of: ({ account }) => account },
  { title: 'CANARY', of: ({ canary }) => (canary ? 'yes' : 'no') },
  { title: 'STATE', of: ({ state }) => state },
  { title: 'VERSION', of: ({ version }) => version?.toString() ?? '' },
  { title: 'FAILURE', of: ({ code }) => code ?? '' },
  { title: 'SAID', of: ({ ageSeconds }) => (ageSeconds === null ? 'never' : `${ageSeconds} s ago`) },
];

/** A rollout for people. */
export function formatRollout(view: RolloutView): string {
  const failures = Object.entries(view.failures).map(([code, count]) => `${count} ${code}`);
  const lines = [
    `rollout   ${view.resource} from version ${view.from} to ${view.to}: ${view.phase}, ${view.standing}`,
    `canaries  ${view.canaries} of ${view.population} devices, ${view.failed} failed of ${view.errorThreshold} that end it`,
    `failures  ${failures.length === 0 ? 'none' : failures.join(', ')}`,
    `order     ${view.serial} by ${view.author}, ${view.ageSeconds} s ago`,
  ];
  const head = lines.map((line) => `${visibleText(line)}\n`).join('');
  return view.devices.length === 0 ? head : `${head}\n${formatTable({ rows: view.devices, columns: deviceColumns })}`;
}
