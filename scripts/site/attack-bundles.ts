import { resourceIdOf } from '../../core/ids.ts';
import type { AttackResult } from './attack.ts';
import type { Aim, HostileDew, HostileMode } from './hostile-dew.ts';
import { tenant } from './found-tenant.ts';
import type { Site, SiteEdge } from './open-site.ts';
import { edgeStatus, waitFor } from './status.ts';

interface BundleAttackPlan {
  readonly mode: HostileMode;
  readonly attack: string;
  /** Any of these names it: which check comes first depends on what the attacker hit. */
  readonly codes: readonly string[];
  readonly aim?: Aim;
}

const plans: readonly BundleAttackPlan[] = [
  { mode: 'tamper-bundle', attack: 'the dew changes one bit of a proof', codes: ['PROOF_INVALID'] },
  { mode: 'replay-bundle', attack: 'the dew replays the first bundle that it ever saw', codes: ['ROLLBACK'] },
  {
    mode: 'mix-bundles',
    attack: 'the dew puts the newest signed header over the first bundle’s facts',
    codes: ['PROOF_INVALID'],
  },
  {
    mode: 'omit',
    attack: 'the dew leaves the record of host-load out of its bundles',
    codes: ['NOT_PROVED'],
    aim: { resource: resourceIdOf({ tenant, name: 'host-load' }) },
  },
  { mode: 'drip', attack: 'the dew drips true bundles, each too late', codes: ['FREEZE'] },
  { mode: 'endless', attack: 'the dew streams a bundle without end', codes: ['ENDLESS_DATA'] },
  { mode: 'dribble', attack: 'the dew dribbles a byte a second', codes: ['SLOW_RETRIEVAL'] },
];

/**
 * Has a lying dew attack one edge's proof bundles, way after way, while the edge goes on serving its view.
 * @throws TIMEOUT (an attack was not refused, or the view not served)
 */
export async function attackBundles(
  site: Site,
  { dew, edge, report }: { dew: HostileDew; edge: SiteEdge; report: (result: AttackResult) => void },
): Promise<void> {
  for (const { mode, attack, codes, aim } of plans) {
    const before = await countsOf(site, { edge, codes });
    dew.setMode(mode, { device: edge.account, ...aim });
    const refused = await waitFor(
      `${edge.name} to refuse with ${codes.join(' or ')}`,
      async () => (await refusalsOf(site, { edge, codes })).find((one) => one.count > (before.get(keyOf(one)) ?? 0)),
      { timeoutMs: 120_000 },
    );
    const view = await waitFor(`${edge.name} to serve its view`, () => readView(edge));
    dew.setMode('honest');
    report({ attack, code: refused.code, message: refused.message, after: `${edge.name} goes on serving ${view}` });
  }
}

type Question = { readonly edge: SiteEdge; readonly codes: readonly string[] };

async function refusalsOf(site: Site, { edge, codes }: Question) {
  const { refusals } = await edgeStatus(site, edge);
  return refusals.filter(({ code }) => codes.includes(code));
}

async function countsOf(site: Site, question: Question): Promise<ReadonlyMap<string, number>> {
  return new Map((await refusalsOf(site, question)).map((one) => [keyOf(one), one.count]));
}

function keyOf({ about, code }: { readonly about: string; readonly code: string }): string {
  return `${about} ${code}`;
}

async function readView(edge: SiteEdge): Promise<string | undefined> {
  const path = `/v1/resources/${tenant}/host-load/views/now`;
  return (await fetch(`${edge.url}${path}`)).ok ? path : undefined;
}
