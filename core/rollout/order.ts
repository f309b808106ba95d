import { z } from 'zod';
import { digestOf, type Digest } from '../digest.ts';
import { canonicalBytes } from '../document/canonical.ts';
import { digest, isUnique, name, version } from '../document/fields.ts';
import { resourceIdOf, type ResourceId } from '../ids.ts';
import { identityField } from '../ledger/state-fields.ts';
import { accountField, signatureField } from '../fields.ts';

/** The most devices that one order can name as canaries. */
export const MAX_CANARIES = 256;
/** The most failed canaries that an order can wait for; each is proven by a signed statement of its own. */
export const MAX_ERROR_THRESHOLD = 16;
/** An order of `MAX_CANARIES` has less than 13,000 bytes. */
export const MAX_ORDER_BYTES = 16_384;

/** `canary`: canaries may start; `paused`: no further ones; `promoted`: all may; `aborted`: canaries go back. */
export const rolloutPhases = ['canary', 'paused', 'promoted', 'aborted'] as const;
export type RolloutPhase = (typeof rolloutPhases)[number];

const pair = z.strictObject({ version, digest });

/**
 * How one version of a resource is to replace another on the devices of a group. It widens nothing that the ledger
 * says: it holds an approved version back, and lets a canary go back to the very version that it ran before.
 */
export const rolloutOrderSchema = z
  .strictObject({
    apiVersion: z.literal('dewproof/v1'),
    kind: z.literal('RolloutOrder'),
    /** Which tenant's ledger: names alone are no identity, one account may serve several. */
    ledger: identityField,
    tenant: name,
    name,
    from: pair,
    to: pair,
    /** What was asked for; `canaries` is what `selectCanaries` made of it. */
    share: z.union([
      z.strictObject({ percent: z.int().min(1).max(100) }),
      z.strictObject({ devices: z.int().min(1).max(MAX_CANARIES) }),
    ]),
    seed: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hexadecimal digits'),
    /** Of how many devices they were chosen. */
    population: z.int().min(1).max(1_000_000),
    canaries: z.array(accountField).min(1).max(MAX_CANARIES).refine(isUnique, 'expected each only once'),
    /** So many failed canaries end the rollout. */
    errorThreshold: z.int().min(1).max(MAX_ERROR_THRESHOLD),
    phase: z.enum(rolloutPhases),
    /** Rises with every order for one `to`. */
    serial: z.int().min(1),
    author: accountField,
  })
  .refine(({ from, to }) => from.version < to.version, 'expected a version to come that is newer')
  .refine(({ canaries, population }) => canaries.length <= population, 'expected no more canaries than devices')
  .refine(
    ({ canaries, errorThreshold }) => errorThreshold <= canaries.length,
    'expected a threshold that can be reached',
  );

/** A parsed order; who may give one, `verifyOrder` says. */
export type RolloutOrder = z.output<typeof rolloutOrderSchema>;

/** An order with its author's signature, as it travels and is stored. */
export const signedOrderSchema = z.strictObject({ order: rolloutOrderSchema, signature: signatureField });
export type SignedOrder = z.output<typeof signedOrderSchema>;

// What an account signs elsewhere (calls, transactions, outcomes) must never read as an order.
const DOMAIN = 'dewproof rollout order v1\n';

/** The bytes that an order's author signs (EIP-191). */
export function messageOfOrder(order: RolloutOrder): Uint8Array {
  return Buffer.concat([Buffer.from(DOMAIN), canonicalBytes(order)]);
}

/** Names an order, its phase and serial included. */
export function digestOfOrder(order: RolloutOrder): Digest {
  return digestOf(canonicalBytes(order));
}

/** The resource that an order is about. */
export function resourceOfOrder({ tenant, name }: RolloutOrder): ResourceId {
  return resourceIdOf({ tenant, name });
}

/**
 * Tells which of two orders about a resource counts: that for the newer version, then that of the higher serial. A
 * serial counts within one `to` alone, so that nobody can close a resource to all orders to come.
 * Negative where `first` is the older one, 0 where they are of one rank.
 */
export function compareOrders([first, second]: readonly [RolloutOrder, RolloutOrder]): number {
  return first.to.version - second.to.version || first.serial - second.serial;
}
