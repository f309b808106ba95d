import type { ProvedFacts } from '../../chain/light/facts/proved-facts.ts';
import { NEVER } from '../../core/policy.ts';
import { toHex } from '../../chain/light/hex.ts';
import type { ProofBundle } from '../../chain/light/bundle/proof-bundle.ts';
import { showTime } from '../show-time.ts';

/** A proved fact in words. */
export interface FactRow {
  readonly kind: 'resource' | 'device' | 'grant' | 'member';
  readonly of: string;
  readonly says: string;
}

/** What a bundle proves, a row each, absent facts too. */
export function factRows({ heads, devices, grants, members }: ProvedFacts): readonly FactRow[] {
  return [
    ...[...heads].map(([of, head]): FactRow => {
      const says = head ? `version ${head.version}, ${head.status}, ${head.digest}, group ${head.group}` : 'no record';
      return { kind: 'resource', of, says };
    }),
    ...[...devices].map(([of, device]): FactRow => {
      const says = device ? `${device.kind}, ${device.status}, group ${device.group}` : 'not enrolled';
      return { kind: 'device', of, says };
    }),
    ...[...grants].flatMap(([resource, subjects]) =>
      [...subjects].map(([subject, grant]): FactRow => {
        const until =
          grant && `${grant.actions.join(', ')}${grant.offline ? ' (offline too)' : ''}, ${untilOf(grant.expiresAt)}`;
        return { kind: 'grant', of: `${resource} for ${subject}`, says: until ?? 'no grant' };
      }),
    ),
    ...[...members].flatMap(([role, accounts]) =>
      [...accounts].map(([account, expiresAt]): FactRow => {
        const says = expiresAt === undefined ? 'no member' : untilOf(expiresAt);
        return { kind: 'member', of: `${account} of ${role}`, says };
      }),
    ),
  ];
}

/** What a bundle claims, as counts: nothing of it is verified. */
export function claimCounts({ heads, devices, grants, members, nodes, changes }: ProofBundle): object {
  return {
    resources: heads.map(({ resource, head }) => `${toHex(resource)} ${head ? `version ${head.version}` : 'absent'}`),
    devices: devices.map(({ account, device }) => `${toHex(account)} ${device ? 'present' : 'absent'}`),
    grants: grants.length,
    members: members.length,
    nodes: nodes.length,
    validatorChanges: changes.length,
  };
}

function untilOf(expiresAt: bigint): string {
  return expiresAt === NEVER ? 'for good' : `until ${showTime(expiresAt)}`;
}
