import type { LedgerState } from '../../../core/ledger/state.ts';
import { fromHex, toHex } from '../hex.ts';
import type { Claims } from './build-bundle.ts';
import { claimDevice, claimHead } from './claim-facts.ts';

type Hex = `0x${string}`;

const NAME =
  /^(?:(record|device)\/(0x[0-9a-f]{40}|0x[0-9a-f]{64})|(grant|member)\/(0x[0-9a-f]{64})\/(0x[0-9a-f]{64}|0x[0-9a-f]{40}))$/;

/** Names of what a bundle claims, one a fact: `record/<resource>`, `device/<account>`, `grant/<resource>/<subject>`, `member/<role>/<account>`. */
export function factNames({ heads, devices, grants, members }: Claims): readonly string[] {
  return [
    ...heads.map(({ resource }) => `record/${toHex(resource)}`),
    ...devices.map(({ account }) => `device/${toHex(account)}`),
    ...grants.map(({ resource, subject }) => `grant/${toHex(resource)}/${toHex(subject)}`),
    ...members.map(({ role, account }) => `member/${toHex(role)}/${toHex(account)}`),
  ];
}

/** What `state` says now, be it nothing, of the facts that `names` name and `claims` do not claim. */
export function claimFormer(claims: Claims, names: readonly string[], state: LedgerState): Claims {
  const known = new Set(factNames(claims));
  const more: { [Kind in keyof Claims]: Claims[Kind][number][] } = { heads: [], devices: [], grants: [], members: [] };
  for (const name of new Set(names)) {
    const [, single, key, pair, outer, inner] = NAME.exec(name) ?? [];
    if (known.has(name)) continue;
    if (single === 'record') more.heads.push(claimHead(key as Hex, state));
    else if (single === 'device') more.devices.push(claimDevice(key as Hex, state));
    else if (pair === 'grant') more.grants.push({ resource: fromHex(outer as Hex), subject: fromHex(inner as Hex) });
    else if (pair === 'member') more.members.push({ role: fromHex(outer as Hex), account: fromHex(inner as Hex) });
  }
  return more;
}
