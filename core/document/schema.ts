import { z } from 'zod';
import { deviceProfileDraftSchema, deviceProfileSchema } from './profile-schema.ts';
import { virtualResourceDraftSchema, virtualResourceSchema } from './resource-schema.ts';

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

/** A virtual resource's configuration, complete and with defaults filled in. */
export type VirtualResource = DeepReadonly<z.output<typeof virtualResourceSchema>>;
/** A device's approved description. */
export type DeviceProfile = DeepReadonly<z.output<typeof deviceProfileSchema>>;
/** What the network, the disk and the ledger's digests speak of. */
export type Document = VirtualResource | DeviceProfile;

/** A virtual resource as a person may write it, without version and salt. */
export type VirtualResourceDraft = DeepReadonly<z.output<typeof virtualResourceDraftSchema>>;
/** A device profile as a person may write it, without version and salt. */
export type DeviceProfileDraft = DeepReadonly<z.output<typeof deviceProfileDraftSchema>>;
/** What a person writes; every `Document` is one too. */
export type DocumentDraft = VirtualResourceDraft | DeviceProfileDraft;

/** One source of values of a resource. */
export type Input = VirtualResource['spec']['inputs'][number];
/** How an input's or action's bytes become a value. */
export type PayloadSpec = Input['payload'];
/** One thing that callers can read of a resource. */
export type View = VirtualResource['spec']['views'][number];
/** One thing that a resource can do to the world. */
export type ActionSpec = VirtualResource['spec']['actions'][number];

/** One thing that a resource does by itself. */
export type Rule = VirtualResource['spec']['rules'][number];
/** When a rule holds. */
export type Condition = Rule['when'];
/** What a condition looks at. */
export type Fact = Extract<Condition, { readonly fact: unknown }>['fact'];
/** A value, or the fact that it is taken from. */
export type Operand = Rule['do'][number]['value'];

const unknownKind = 'expected VirtualResource or DeviceProfile';

/** Complete documents. */
export const documentSchema = z.discriminatedUnion('kind', [virtualResourceSchema, deviceProfileSchema], unknownKind);

/** Documents that may leave out version and salt. */
export const documentDraftSchema = z.discriminatedUnion(
  'kind',
  [virtualResourceDraftSchema, deviceProfileDraftSchema],
  unknownKind,
);
