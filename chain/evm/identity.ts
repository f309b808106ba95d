import { keccak256 } from 'ethers/crypto';
import { z } from 'zod';
import type { Account } from '../../core/account.ts';
import type { Bytes32 } from '../../core/digest.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import type { LedgerIdentity } from '../../core/ledger/records.ts';
import { readBlock } from './blocks.ts';
import { refusalOf, type Rpc } from './json-rpc.ts';
import { hexBytes, quantity } from './rpc-schemas.ts';

/** What a ledger must turn out to be; what is left out is taken as the node first says, and held to from then on. */
export interface ExpectedIdentity {
  /** CAIP-2, as `eip155:31337`. */
  readonly chain?: string | undefined;
  readonly genesis?: Bytes32 | undefined;
  /** keccak256 of the registry's code. */
  readonly codeHash?: Bytes32 | undefined;
}

/** A node that is asked who it is before it is used, and again after every failure: it may come back as another. */
export interface IdentifiedNode {
  /** Notes failures of the connection, so that `ensure` asks again. */
  readonly rpc: Rpc;
  readonly registry: Account;
  /** Asks the node. @throws WRONG_CHAIN, LEDGER_BEHIND (not yet synchronised up to the registry), LEDGER_UNAVAILABLE */
  verify(asking?: Asking): Promise<LedgerIdentity>;
  /** As `verify`, asking only at first and after a failure. */
  ensure(asking?: Asking): Promise<LedgerIdentity>;
}

interface Asking {
  readonly signal?: AbortSignal | undefined;
  /** A height that the chain had once: a node below it is behind, whatever it lacks. */
  readonly knownHeight?: bigint | undefined;
}

/** Wraps a node with the identity it must have. */
export function identifyNode(
  rpc: Rpc,
  { registry, expected }: { readonly registry: Account; readonly expected: ExpectedIdentity },
): IdentifiedNode {
  let pinned = expected;
  let known: LedgerIdentity | undefined;
  const noting: Rpc = {
    url: rpc.url,
    call: async (request) => {
      try {
        return await rpc.call(request);
      } catch (error) {
        if (hasCode(error, 'LEDGER_UNAVAILABLE') && !refusalOf(error)) known = undefined;
        throw error;
      }
    },
  };
  const verify = async (asking: Asking = {}): Promise<LedgerIdentity> => {
    const { codeHash, ...identity } = await verifyIdentity(noting, { registry, expected: pinned, ...asking });
    pinned = { chain: identity.chain, genesis: identity.genesis, codeHash };
    known = identity;
    return identity;
  };
  return { rpc: noting, registry, verify, ensure: async (asking) => known ?? (await verify(asking)) };
}

interface Question extends Asking {
  readonly registry: Account;
  readonly expected: ExpectedIdentity;
}

async function verifyIdentity(rpc: Rpc, { expected, ...question }: Question) {
  const { registry, signal } = question;
  const chain = `eip155:${await rpc.call({ method: 'eth_chainId', params: [], answer: quantity, signal })}`;
  refuseOther(rpc, { what: 'chain id', is: chain, expected: expected.chain });
  const genesis = await readBlock(rpc, { height: 0n, signal });
  if (!genesis)
    throw new DewproofError('LEDGER_UNAVAILABLE', `The node at ${rpc.url} has no genesis block; wait for it.`);
  refuseOther(rpc, { what: 'genesis block', is: genesis.hash, expected: expected.genesis });
  const codeHash = await readCodeHash(rpc, question);
  refuseOther(rpc, { what: `code of ${registry}`, is: codeHash, expected: expected.codeHash });
  return { chain, genesis: genesis.hash, registry, codeHash };
}

async function readCodeHash(rpc: Rpc, { registry, ...asking }: Omit<Question, 'expected'>): Promise<Bytes32> {
  const code = await rpc.call({
    method: 'eth_getCode',
    params: [registry, 'latest'],
    answer: hexBytes,
    signal: asking.signal,
  });
  if (code !== '0x') return keccak256(code) as Bytes32;
  if (await isBehind(rpc, asking)) {
    throw new DewproofError(
      'LEDGER_BEHIND',
      `The node at ${rpc.url} has not caught up to the registry yet; wait for it.`,
    );
  }
  throw new DewproofError(
    'WRONG_CHAIN',
    `No contract stands at ${registry} on the chain of the node at ${rpc.url}; check the registry and the node.`,
  );
}

/** A node that just started has its genesis block alone and may not know yet that it is behind. */
async function isBehind(rpc: Rpc, { signal, knownHeight = 1n }: Asking): Promise<boolean> {
  const syncing = await rpc.call({ method: 'eth_syncing', params: [], answer: z.unknown(), signal });
  const height = await rpc.call({ method: 'eth_blockNumber', params: [], answer: quantity, signal });
  return syncing !== false || height < knownHeight;
}

function refuseOther(
  rpc: Rpc,
  { what, is, expected }: { readonly what: string; readonly is: string; readonly expected: string | undefined },
): void {
  if (expected === undefined || is === expected) return;
  throw new DewproofError(
    'WRONG_CHAIN',
    `The node at ${rpc.url} serves another ledger: its ${what} is ${is}, not ${expected}. Check its URL and the anchor.`,
    { details: { what, is, expected } },
  );
}
