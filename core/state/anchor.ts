import { z } from 'zod';
import type { Account } from '../account.ts';
import { isName } from '../ids.ts';
import { finalitySchema, type Finality } from './finality.ts';

const bytes32 = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/, 'expected 0x and 64 lower-case hexadecimal digits')
  .transform((value) => value as `0x${string}`);

const account = z
  .string()
  .regex(/^0x[0-9a-f]{40}$/, 'expected 0x and 40 lower-case hexadecimal digits')
  .transform((value) => value as Account);

/** How long facts count where an anchor does not say, in seconds: 24 hours, 30 days. */
export const defaultFreshness = { staleAfter: 86_400, maxStaleness: 2_592_000 } as const;

/** The one file that a device trusts: which ledger, and when a block of it counts. */
export const anchorSchema = z.strictObject({
  apiVersion: z.literal('dewproof/v1'),
  kind: z.literal('Anchor'),
  /** Rises with every change of the anchor. */
  version: z.int().positive(),
  tenant: z.string().refine(isName, 'expected a name'),
  chain: z.string().max(128),
  genesis: bytes32,
  registry: z.string().max(128),
  /** keccak256 of the registry's code: selects the storage layout and refuses another contract. */
  codeHash: bytes32,
  /** The height at which the tenant's history begins: a first reading starts there, not at the chain's first block. */
  beginsAt: z.int().min(0).default(0),
  finality: finalitySchema,
  /** How many seconds after it was vouched for a fact counts as fresh. */
  staleAfter: z.int().positive().default(defaultFreshness.staleAfter),
  /** After how many seconds a fact counts as frozen: nothing new starts on it, and only offline grants hold. */
  maxStaleness: z.int().positive().default(defaultFreshness.maxStaleness),
  /** Who may replace this anchor by a newer one: `threshold` of these accounts. Nobody may where this is left out. */
  roots: z
    .strictObject({ threshold: z.int().positive(), accounts: z.array(account).min(1).max(32) })
    .refine(({ threshold, accounts }) => threshold <= accounts.length, 'expected as many accounts as must sign')
    .refine(({ accounts }) => new Set(accounts).size === accounts.length, 'expected each account once')
    .optional(),
  /** A block that the tenant's operators vouch for: no older one counts, and of its height no other. */
  checkpoint: z.strictObject({ height: z.int().min(0), hash: bytes32, time: z.int().min(0) }).optional(),
});

/** A parsed anchor file. */
export type Anchor = z.infer<typeof anchorSchema>;

/** An anchor of one finality. */
export type AnchorOf<Kind extends Finality['kind']> = Anchor & {
  readonly finality: Extract<Finality, { kind: Kind }>;
};
