import { isDeepStrictEqual } from 'node:util';
import type { VerifiedState } from '../../core/state/verified-state.ts';
import type { Proves } from './vector.ts';

type Hex = `0x${string}`;

/** The first thing that a state says otherwise than a vector does; undefined where there is none. */
export function contradictionOf(state: VerifiedState, proves: Proves): string | undefined {
  for (const [what, said, meant] of comparisons(state, proves)) {
    if (!isDeepStrictEqual(said, meant)) return `ok, but ${what} is ${print(said)} instead of ${print(meant)}`;
  }
  return undefined;
}

type Comparison = readonly [what: string, said: unknown, meant: unknown];

function comparisons(state: VerifiedState, proves: Proves): readonly Comparison[] {
  const { height, attestedAt, records, devices, grants, members } = proves;
  return [
    ['the height', height && state.block.height, height],
    ['the time', attestedAt && state.attestedAt, attestedAt],
    ...Object.entries(records).map(([key, meant]): Comparison => {
      return [key, state.record(key as Hex), meant ? { resource: key, ...meant } : undefined];
    }),
    ...Object.entries(devices).map(([key, meant]): Comparison => {
      const device = meant && { account: key, ...meant, profile: meant.profile ?? undefined };
      return [key, state.device(key as Hex), device ?? undefined];
    }),
    ...Object.entries(grants).map(([key, meant]): Comparison => {
      const [resource, subject] = key.split('/') as [Hex, Hex];
      return [key, state.grant(resource, subject), meant ? { resource, subject, ...meant } : undefined];
    }),
    ...Object.entries(members).map(([key, meant]): Comparison => {
      const [role, account] = key.split('/') as [Hex, Hex];
      return [key, state.memberUntil(role, account), meant ?? undefined];
    }),
  ];
}

function print(value: unknown): string {
  if (value === undefined) return 'absent';
  return JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? one.toString() : one));
}
