import { z } from 'zod';
import { accountField, bytes32Field, nameField } from '../fields.ts';
import { finalitySchema, type Finality } from './finality.ts';

/** How long facts count where an anchor does not say, in seconds: 24 hours, 30 days. */
export const defaultFreshness = { staleAfter: 86_400, maxStaleness: 2_592_000 } as const;

/** The one file that a device trusts: which ledger, and when a block of it counts. */
export const anchorSchema = z.strictObject({
  apiVersion: z.literal('dewproof/v1'),
  kind: z.literal('Anchor'),
  /** Rises with every change of the anchor. */
  version: z.int().positive(),
  tenant: nameField,
  chain: z.string().max(128),
  genesis: bytes32Field,
  registry: z.string().max(128),
  /** keccak256 of the registry's code: selects the storage layout and refuses another contract. */
  codeHash: bytes32Field,
  /** The height at which the tenant's history begins: a first reading starts there, not at the chain's first block. */
  beginsAt: z.int().min(0).default(0),
  finality: finalitySchema,
  /** How many seconds after it was vouched for a fact counts as fresh. */
  staleAfter: z.int().positive().default(defaultFreshness.staleAfter),
  /** After how many seconds a fact counts as frozen: nothing new starts on it, and only offline grants hold. */
  maxStaleness: z.int().positive().default(defaultFreshness.maxStaleness),
  /** Who may replace this anchor by a newer one: `threshold` of these accounts. Nobody may where this is left out. */
  roots: z
    .strictObject({ threshold: z.int().positive(), accounts: z.array(accountField).min(1).max(32) })
    .refine(({ threshold, accounts }) => threshold <= accounts.length, 'expected as many accounts as must sign')
    .refine(({ accounts }) => new Set(accounts).size === accounts.length, 'expected each account once')
    .optional(),
  /** A block that the tenant's operators vouch for: no older one counts, and of its height no other. */
  checkpoint: z.strictObject({ height: z.int().min(0), hash: bytes32Field, time: z.int().min(0) }).optional(),
});

/** A parsed anchor file. */
export type Anchor = z.infer<typeof anchorSchema>;

/** An anchor of one finality. */
export type AnchorOf<Kind extends Finality['kind']> = Anchor & {
  readonly finality: Extract<Finality, { kind: Kind }>;
};
