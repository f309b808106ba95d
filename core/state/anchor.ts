import { z } from 'zod';
import { isName } from '../ids.ts';
import { finalitySchema, type Finality } from './finality.ts';

const bytes32 = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/, 'expected 0x and 64 lower-case hexadecimal digits')
  .transform((value) => value as `0x${string}`);

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
});

/** A parsed anchor file. */
export type Anchor = z.infer<typeof anchorSchema>;

/** An anchor of one finality. */
export type AnchorOf<Kind extends Finality['kind']> = Anchor & {
  readonly finality: Extract<Finality, { kind: Kind }>;
};
