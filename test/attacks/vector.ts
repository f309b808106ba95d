import { z } from 'zod';

const hex = z.string().regex(/^(?:[0-9a-f]{2})*$/, 'expected bytes in lower-case hexadecimal digits');
const bytes32 = z.string().regex(/^0x[0-9a-f]{64}$/);
/** Whole numbers are written as decimal strings, since they go to 2^64 - 1. */
const integer = z
  .string()
  .regex(/^(?:0|[1-9][0-9]{0,19})$/)
  .transform(BigInt);

const edit = z.strictObject({
  /** Where in the base; edits stand in ascending order and do not overlap. */
  at: z.int().min(0),
  /** How many of the base's bytes are left out there. */
  delete: z.int().min(0).default(0),
  /** What stands in their place, `times` over. */
  insert: hex.default(''),
  times: z.int().min(1).default(1),
});

/** Bytes as text in UTF-8, or as a base (nothing where none is named) with edits. */
export const bytesSchema = z.union([
  z.strictObject({ text: z.string() }),
  z.strictObject({ base: z.string().optional(), edits: z.array(edit).default([]) }),
]);

/** An anchor by name, with a JSON Merge Patch (RFC 7396) laid over it. */
const anchorRef = z.strictObject({ base: z.string(), patch: z.record(z.string(), z.unknown()).default({}) });

const record = z.strictObject({ version: integer, digest: z.string(), group: bytes32, status: z.string() });
const device = z.strictObject({
  kind: z.string(),
  group: bytes32,
  status: z.string(),
  profile: z.string().nullable(),
});
const grant = z.strictObject({ actions: z.array(z.string()), offline: z.boolean(), expiresAt: integer });

/** What an accepted bundle must say; null is "proved to be absent", keys of two parts are joined by a slash. */
const provesSchema = z.strictObject({
  height: integer.optional(),
  attestedAt: integer.optional(),
  records: z.record(z.string(), record.nullable()).default({}),
  devices: z.record(z.string(), device.nullable()).default({}),
  grants: z.record(z.string(), grant.nullable()).default({}),
  members: z.record(z.string(), integer.nullable()).default({}),
});

const seen = z.strictObject({ height: integer, hash: bytes32, time: integer });
const accepted = z.strictObject({ version: integer, digest: z.string() });

const common = {
  name: z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/),
  /** What the attacker does and hopes for. */
  attack: z.string(),
  /** Whose attack or bug it is: TUF's or Uptane's term, or what others shipped. */
  source: z.string(),
  /** `ok`, or the code with which it is refused. */
  expect: z.string().regex(/^(?:ok|[A-Z_]+)$/),
  /** Which check refuses it in our checker; another implementation may refuse by another. */
  check: z.string().optional(),
};

const bundleVector = z.strictObject({
  ...common,
  anchor: anchorRef,
  bundle: bytesSchema,
  /** A clock that the device believes, 0 where it has none. */
  now: integer,
  /** The block of the newest bundle that the device accepted before. */
  lastBlock: seen.optional(),
  /** The versions of resources that it accepted before. */
  versions: z.record(bytes32, accepted).default({}),
  proves: provesSchema.optional(),
  /** The device then asks whether it may start a resource. */
  start: z
    .strictObject({
      resource: bytes32,
      account: z.string(),
      document: bytesSchema,
      profile: bytesSchema.optional(),
      lastSeen: accepted.optional(),
      runtimes: z.array(z.string()).default(['views']),
    })
    .optional(),
  /** Someone then calls; `account` is left out of an unsigned call. */
  call: z
    .strictObject({
      account: z.string().optional(),
      resource: bytes32,
      action: z.string(),
      /** Whether it counts how long ago a quorum vouched for what lets the caller in. */
      aged: z.boolean().default(false),
    })
    .optional(),
  /** Older bundles that the device still goes by where the new one is silent, the newest first. */
  kept: z.array(bytesSchema).default([]),
});

const nonceVector = z.strictObject({
  ...common,
  anchor: anchorRef,
  nonce: bytes32,
  answers: z.array(
    z.strictObject({
      witness: z.string(),
      note: bytesSchema,
      /** Nonces that were signed at once, in this order, where it was not the one alone. */
      batch: z.array(bytes32).optional(),
    }),
  ),
  /** From when on, and until when, it may have been that the witnesses were asked. */
  proves: z.strictObject({ attestedAt: integer, latestAt: integer }).optional(),
});

/** Someone who offers anchors to a device that has one. */
const rotationVector = z.strictObject({
  ...common,
  anchor: anchorRef,
  /** Each as it stands in a `SignedAnchor`, over which `patch` (RFC 7396) is laid. */
  offered: z.array(
    z.strictObject({
      anchor: anchorRef,
      signatures: z.array(z.unknown()),
      /** How often it is offered. */
      times: z.int().min(1).default(1),
      patch: z.record(z.string(), z.unknown()).default({}),
    }),
  ),
  /** The versions that the device must have taken, ascending, before whatever it refused. */
  takes: z.array(z.int()).default([]),
});

const vectorSchema = z.union([bundleVector, nonceVector, rotationVector]);

/** One file of vectors: a family of attacks. */
export const familySchema = z.strictObject({
  format: z.literal('dewproof-attacks/1'),
  family: z.string(),
  about: z.string(),
  vectors: z.array(vectorSchema),
});

/** Bytes and anchors that vectors name. */
export const basesSchema = z.strictObject({
  format: z.literal('dewproof-attacks/1'),
  anchors: z.record(z.string(), z.record(z.string(), z.unknown())),
  bytes: z.record(z.string(), hex),
});

/** Bytes as they stand in a file. */
export type FiledBytes = z.input<typeof bytesSchema>;
/** A vector as it stands in a file. */
export type FiledVector = z.input<typeof vectorSchema>;
/** What vectors name, as it stands in a file. */
export type FiledBases = z.input<typeof basesSchema>;

export type BundleVector = z.infer<typeof bundleVector>;
export type NonceVector = z.infer<typeof nonceVector>;
export type RotationVector = z.infer<typeof rotationVector>;
export type Vector = BundleVector | NonceVector | RotationVector;
export type Bases = z.infer<typeof basesSchema>;
export type Proves = z.infer<typeof provesSchema>;
