import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DewproofError } from '../../core/errors.ts';
import { attackBundles } from './attack-bundles.ts';
import type { HostileDew } from './hostile-dew.ts';
import type { Site, SiteEdge } from './open-site.ts';
import { edgeStatus, waitFor, type ResourceStatus } from './status.ts';

/** One attack and how the edge answered it. */
export interface AttackResult {
  readonly attack: string;
  readonly code: string;
  readonly message: string;
  /** What the edge was still (or no longer) running afterwards. */
  readonly after: string;
}

/**
 * Attacks a running site through its dew and tells how the edges refused: a tampered document, an older one replayed, a
 * revoked one still handed out, and every way to lie with proof bundles. @throws CONFIG (no attacker stands in this site), TIMEOUT (an attack was not refused)
 */
export async function attackSite(site: Site, report: (result: AttackResult) => void): Promise<void> {
  const [first, second] = site.edges;
  if (!site.hostileDew || !first || !second)
    throw new DewproofError('CONFIG', 'The site was opened without an attacker.');
  report(await tamper(site, { dew: site.hostileDew, edge: first }));
  report(await replay(site, { dew: site.hostileDew, edge: first }));
  report(await revoke(site, { dew: site.hostileDew, edge: second }));
  await attackBundles(site, { dew: site.hostileDew, edge: first, report });
}

interface Target {
  readonly dew: HostileDew;
  readonly edge: SiteEdge;
}

/** Version 2 is published and approved, but every document that passes the attacker has one bit changed. */
async function tamper(site: Site, { dew, edge }: Target): Promise<AttackResult> {
  dew.setMode('tamper');
  await publishVersionTwo(site);
  const { code, message } = await refusal(site, { edge, name: 'host-load', code: 'DIGEST_MISMATCH' });
  const { version } = await resourceOf(site, { edge, name: 'host-load' });
  return {
    attack: 'the dew hands out version 2 with one bit changed',
    code,
    message,
    after: `version ${version ?? '?'} goes on running`,
  };
}

/** The attacker relents, version 2 starts, and then the attacker hands out the assignment of version 1 again. */
async function replay(site: Site, { dew, edge }: Target): Promise<AttackResult> {
  dew.setMode('honest');
  await waitFor('version 2 to run', async () => {
    const { state, version } = await resourceOf(site, { edge, name: 'host-load' });
    return state === 'RUNNING' && Number(version) === 2 ? true : undefined;
  });
  dew.setMode('replay');
  const { code, message } = await refusal(site, { edge, name: 'host-load', code: 'ROLLBACK' });
  const { version } = await resourceOf(site, { edge, name: 'host-load' });
  return {
    attack: 'the dew replays its older assignment of version 1',
    code,
    message,
    after: `version ${version ?? '?'} goes on running`,
  };
}

/** The resource is revoked on the chain while the attacker keeps the dew away from the edge that runs it. */
async function revoke(site: Site, { dew, edge }: Target): Promise<AttackResult> {
  dew.setMode('gone', { device: edge.account });
  await site.run('operator', ['revoke', 'host-network', '--yes']);
  const { code, message } = await refusal(site, { edge, name: 'host-network', code: 'REVOKED' });
  const { state } = await resourceOf(site, { edge, name: 'host-network' });
  dew.setMode('honest');
  return {
    attack: `the dew is silent to ${edge.name} alone, to hide that host-network was revoked`,
    code,
    message,
    after: `the other edge told it: host-network is ${state}`,
  };
}

async function publishVersionTwo(site: Site): Promise<void> {
  const file = join(site.folder, 'host-load-2.yaml');
  const draft = await readFile(join('examples', 'host-load.yaml'), 'utf8');
  await writeFile(
    file,
    draft.replace('window: 1m, aggregate: [min, max, mean]', 'window: 5m, aggregate: [min, max, mean]'),
  );
  await site.run('operator', ['apply', '-f', file]);
  await site.run('approver', ['approve', 'host-load', '--yes']);
}

async function resourceOf(site: Site, { edge, name }: { edge: SiteEdge; name: string }): Promise<ResourceStatus> {
  const { resources } = await edgeStatus(site, edge);
  const found = resources.find((resource) => resource.name === name);
  if (!found) throw new DewproofError('NOT_FOUND', `${edge.name} does not know ${name}.`);
  return found;
}

async function refusal(
  site: Site,
  wanted: { edge: SiteEdge; name: string; code: string },
): Promise<{ code: string; message: string }> {
  return waitFor(`${wanted.edge.name} to refuse with ${wanted.code}`, async () => {
    const { refusals } = await edgeStatus(site, wanted.edge);
    return refusals.find(({ about, code }) => about.endsWith(`/${wanted.name}`) && code === wanted.code);
  });
}
