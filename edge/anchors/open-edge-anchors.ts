import type { IsSignedBy } from '../../core/signatures.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import type { KnownNote } from '../../platform/anchors/anchor-note.ts';
import { importAnchors } from '../../platform/anchors/import-anchors.ts';
import { openAnchors, type Anchors } from '../../platform/anchors/open-anchors.ts';
import type { ControlCommands } from '../../platform/control/control-server.ts';
import type { Store } from '../../platform/store/open-store.ts';
import type { Refusals } from '../refusals.ts';
import type { DeviceMemory } from '../store/device-memory.ts';
import { followAnchors, type AnchorsFollower, type FollowAnchorsDeps } from './follow-anchors.ts';

/** A device's anchors: the one it goes by, and the ways by which newer ones come. */
export interface EdgeAnchors extends Anchors {
  /** By file. */
  readonly commands: ControlCommands;
  /** From dews and other edges, until closed. */
  follow(options: Pick<FollowAnchorsDeps, 'urls' | 'foundUrls' | 'everyMs' | 'random'>): AnchorsFollower;
}

/** Opens what the device was given since it was set up with `anchor`, its home's. @throws STORE_CORRUPT */
export async function openEdgeAnchors({
  database,
  anchor,
  isSignedBy,
  memory,
  refusals,
}: {
  readonly database: Store;
  readonly anchor: Anchor;
  readonly isSignedBy: IsSignedBy;
  /** It knows which one was in use. */
  readonly memory: Pick<DeviceMemory, 'inUse' | 'head'>;
  readonly refusals: Pick<Refusals, 'record'>;
}): Promise<EdgeAnchors> {
  const onTrouble = ({ code, message }: Parameters<Parameters<typeof openAnchors>[1]['onTrouble']>[0]) => {
    const what =
      code === 'STORE_CORRUPT' ? 'What was kept is lost' : "What was kept does not follow from the home's file";
    refusals.record({ about: 'anchor', code, message: `${what}: ${message}` });
  };
  const anchors = await openAnchors(database, { anchor, noted: notedIn(memory), isSignedBy, onTrouble });
  return {
    ...anchors,
    commands: { 'import-anchors': importAnchors(anchors) },
    follow: (options) => followAnchors({ ...options, anchors, refusals }),
  };
}

/** Where the note was lost as well, what was believed tells by which version it was. */
function notedIn({ inUse, head }: Pick<DeviceMemory, 'inUse' | 'head'>): KnownNote | undefined {
  if (inUse !== undefined) return inUse;
  return head?.anchorVersion === undefined ? undefined : { version: head.anchorVersion };
}
