import type { Anchor } from '../../core/state/anchor.ts';
import { describeTrust } from '../../core/state/describe-trust.ts';
import type { EdgeStatus } from '../../edge/status.ts';
import { unaskedOf, type TrustStatus } from '../../edge/state/trust-status.ts';
import { hasCode } from '../../core/errors.ts';
import { callDaemon } from '../../platform/control/control-client.ts';
import type { Home } from '../home/open-home.ts';
import { ok, warning, type Finding } from './finding.ts';

/** What a running edge says of what it believes. */
export type EdgeBeliefs = Partial<Pick<EdgeStatus, 'trust' | 'clock'>>;

/** What the edge of a home believes: a running one may have been given a newer anchor than its home's file. */
export async function askEdge(home: Home): Promise<EdgeBeliefs | undefined> {
  if (home.config.role !== 'edge') return undefined;
  try {
    const status = await callDaemon({ folder: home.dataFolder, command: 'status', timeoutMs: 5_000 });
    // It is our own daemon that answers, over a socket that nobody else can open.
    return status as EdgeBeliefs;
  } catch (error) {
    if (hasCode(error)) return undefined;
    throw error;
  }
}

/** Which anchor is in use, and whom it has the device believe. */
export function checkAnchor(anchor: Anchor, { home, trust }: { home: Home; trust: TrustStatus | undefined }): Finding {
  const file = `${home.anchorFile}, tenant ${anchor.tenant}, version ${anchor.version}`;
  const { anchorVersion = anchor.version, missingAnchor = null, trusts = describeTrust(anchor) } = trust ?? {};
  if (missingAnchor !== null) {
    return warning('anchor', {
      detail: `version ${missingAnchor} was in use and the disk lost it; by version ${anchorVersion} nothing new is believed`,
      remedy: 'import it or a newer one with `dewproof anchor import`; dews and other edges are asked for it',
    });
  }
  const newer = anchorVersion === anchor.version ? '' : `; the edge was given version ${anchorVersion} since`;
  return ok('anchor', `${file}${newer}; it trusts ${trusts}`);
}

/** Whether an edge has its anchor's witnesses asked for the time: through its dews, or where it knows that they are. */
export function checkTime(
  anchor: Anchor,
  { home, trust }: { home: Home; trust: TrustStatus | undefined },
): readonly Finding[] {
  const kind = trust?.finality ?? anchor.finality.kind;
  if (home.config.role !== 'edge' || kind !== 'witnesses') return [];
  const named = home.config.witnesses.map(({ name }) => name);
  const { dews } = home.config;
  const unasked = trust?.unasked ?? unaskedOf(anchor, { askable: named, dewUrls: dews });
  if (unasked.length === 0)
    return [ok('time', 'all witnesses can be asked for it, at their addresses or through dews')];
  return [
    warning('time', {
      detail: `${unasked.join(', ')} can't be asked for the time: there is no dew, and it is not known where they are`,
      remedy:
        'name a dew under `dews:` of config.yaml (or with --dew), or them under `witnesses:` (--witness), and start the edge anew',
    }),
  ];
}
