import { z } from 'zod';
import { accountField, bytes32Field, digestField, uint64Field } from '../fields.ts';
import { actions } from '../policy.ts';
import { deviceKinds, deviceStatuses } from './records.ts';

/** A ledger's identity in a stored state. */
export const identityField = z.strictObject({
  chain: z.string().max(128),
  genesis: bytes32Field,
  registry: z.string().max(128),
});

/** A block in a stored state. */
export const blockField = z.strictObject({ height: uint64Field, hash: bytes32Field, time: uint64Field });

/** The four fields of a proposal in a stored state. */
export const proposalFields = {
  resource: bytes32Field,
  version: uint64Field,
  digest: digestField,
  group: bytes32Field,
};

/** A resource's record in a stored state. */
export const headField = z.strictObject({ ...proposalFields, status: z.enum(['active', 'revoked']) });

/** A device's record in a stored state; JSON has no undefined. */
export const deviceField = z.strictObject({
  account: accountField,
  kind: z.enum(deviceKinds),
  group: bytes32Field,
  status: z.enum(deviceStatuses),
  profile: digestField.nullable().transform((value) => value ?? undefined),
});

/** A grant in a stored state. */
export const grantField = z.strictObject({
  resource: bytes32Field,
  subject: bytes32Field,
  actions: z.array(z.enum(actions)),
  offline: z.boolean(),
  expiresAt: uint64Field,
});

/** Two levels of maps out of a list of their entries. */
export function nestEntries<Outer, Inner, Value>(
  entries: readonly (readonly [Outer, Inner, Value])[],
): ReadonlyMap<Outer, ReadonlyMap<Inner, Value>> {
  const nested = new Map<Outer, Map<Inner, Value>>();
  for (const [outer, inner, value] of entries) {
    const known = nested.get(outer) ?? new Map<Inner, Value>();
    nested.set(outer, known.set(inner, value));
  }
  return nested;
}
