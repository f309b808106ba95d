import { z } from 'zod';
import type { Account } from '../../core/account.ts';
import type { Bytes32 } from '../../core/digest.ts';

/** A JSON-RPC quantity: `0x` and 1 to 64 hexadecimal digits (leading zeros are let pass: some nodes write them). */
export const quantity = z
  .string()
  .regex(/^0x[0-9a-fA-F]{1,64}$/)
  .transform((text) => BigInt(text));

/** Bytes as `0x` and lower-case hexadecimal digits. */
export const hexBytes = z
  .string()
  .regex(/^0x(?:[0-9a-fA-F]{2})*$/)
  .transform((text) => text.toLowerCase() as `0x${string}`);

/** 32 bytes. */
export const bytes32 = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/)
  .transform((text): Bytes32 => text.toLowerCase() as Bytes32);

/** A 20-byte address. */
export const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/)
  .transform((text): Account => text.toLowerCase() as Account);

/** A header, as `eth_getBlockByNumber` answers it, in what we use; null where the node has no such block. */
export const blockSchema = z
  .object({
    number: quantity,
    hash: bytes32,
    timestamp: quantity,
    gasLimit: quantity,
    baseFeePerGas: quantity.nullish(),
  })
  .nullable();
export type RpcBlock = NonNullable<z.infer<typeof blockSchema>>;

/** One log of a mined block. */
export const logSchema = z.object({
  address,
  topics: z.array(bytes32).max(4),
  data: hexBytes,
  blockNumber: quantity,
  blockHash: bytes32,
  transactionHash: bytes32,
  logIndex: quantity.refine((index) => index < 2n ** 32n).transform(Number),
  removed: z.literal(false).optional(),
});
export type RpcLog = z.infer<typeof logSchema>;

/** A transaction's receipt, in what we use; null while it is not mined. */
export const receiptSchema = z
  .object({
    transactionHash: bytes32,
    blockHash: bytes32,
    blockNumber: quantity,
    status: quantity,
    gasUsed: quantity,
    contractAddress: address.nullish(),
  })
  .nullable();
export type RpcReceipt = NonNullable<z.infer<typeof receiptSchema>>;
