import { DewproofError, hasCode } from '../../core/errors.ts';
import type { GroupId } from '../../core/ids.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import type { GroupBundle } from './bundle-store.ts';
import type { BundlePlan } from './follow-bundles.ts';

/** As many former anchors as devices are handed: who has an older one gets it by file, and a bundle with it. */
const MOST_FORMER_ANCHORS = 64;

/**
 * Which of the bundles that are kept go on being served: what opens by the anchor in use, and what opens by a former one,
 * for devices that have not taken the newer yet, until there is another. What opens by none (the disk decayed, or
 * somebody else wrote on it) would cost every device a refusal.
 */
export function judgeKept(
  kept: ReadonlyMap<GroupId, GroupBundle>,
  {
    verify,
    current,
    former,
    onRefused,
  }: {
    readonly verify: BundlePlan['verify'];
    readonly current: Anchor;
    /** Whose signatures hold, the newest first; asked for where they are needed. */
    readonly former: () => readonly Anchor[];
    /** Hears of each that is served no more, and why not by the anchor in use. */
    readonly onRefused: (group: GroupId, why: DewproofError) => void;
  },
): ReadonlyMap<GroupId, GroupBundle> {
  const judged = new Map<GroupId, GroupBundle>();
  for (const [group, one] of kept) {
    const why = refusalOf(() => {
      verify(one.bundle.bytes, current);
    });
    const isFormer = why !== undefined;
    const opens = (anchor: Anchor) =>
      refusalOf(() => {
        verify(one.bundle.bytes, anchor);
      }) === undefined;
    if (!isFormer || former().slice(0, MOST_FORMER_ANCHORS).some(opens)) judged.set(group, { ...one, isFormer });
    else onRefused(group, why);
  }
  return judged;
}

function refusalOf(work: () => void): DewproofError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (hasCode(error)) return error;
    // Whatever bytes lie on a disk, a dew starts, and goes on to the next anchor.
    return new DewproofError('INTERNAL', 'Its check failed.', { cause: error });
  }
}
