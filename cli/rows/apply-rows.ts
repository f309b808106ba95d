import type { ApplyResult } from '../apply/carry-out.ts';
import type { ApplyPlan } from '../apply/plan-all.ts';
import type { Column } from '../output/table.ts';

/** What a run would answer, had it been carried out; no transactions, and nothing uploaded. */
export function plannedResults({ resources, profiles }: ApplyPlan): readonly ApplyResult[] {
  const none = { transactions: [], uploaded: [] };
  return [
    ...resources.map(({ document: { document, digest }, change }): ApplyResult => {
      const { kind, metadata, spec } = document;
      const about = { kind, name: metadata.name, version: spec.version, devices: undefined, ...none };
      // The run itself may take another salt.
      return change === 'propose'
        ? { ...about, digest: undefined, change: 'proposed' }
        : { ...about, digest, change: 'unchanged' };
    }),
    ...profiles.map(({ profile: { document, digest }, devices, isInUse }): ApplyResult => {
      const { kind, metadata, spec } = document;
      const change = devices.length > 0 ? 'changed' : isInUse ? 'unchanged' : 'unused';
      return { kind, name: metadata.name, version: spec.version, digest, change, devices, ...none };
    }),
  ];
}

/** What came of a document in a table. */
export const applyColumns: readonly Column<ApplyResult>[] = [
  { title: 'KIND', of: ({ kind }) => kind },
  { title: 'NAME', of: ({ name }) => name },
  { title: 'VERSION', of: ({ version }) => version.toString() },
  { title: 'CHANGE', of: ({ change }) => change },
  { title: 'DIGEST', of: ({ digest }) => digest ?? '' },
  { title: 'DEWS', of: ({ uploaded }) => uploaded.join(',') },
];
