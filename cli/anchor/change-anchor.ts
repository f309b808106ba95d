import { toHex } from '../../chain/light/hex.ts';
import type { Header } from '../../chain/light/qbft/header.ts';
import { blockHash } from '../../chain/light/qbft/header-hash.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import { anchorSchema, type Anchor } from '../../core/state/anchor.ts';
import type { Finality } from '../../core/state/finality.ts';
import type { AnchorChangeOptions } from '../anchor-options.ts';
import { openHome } from '../home/open-home.ts';
import { chooseValidators, type ValidatorChoice } from './choose-validators.ts';
import { readAnchorBlock } from './read-block.ts';

/** A block that is to be named, and the node that it was read from. */
type NamedBlock = Awaited<ReturnType<typeof readAnchorBlock>> & { readonly checkpoint: Anchor['checkpoint'] & object };

/**
 * An anchor of `version` with what the options change of `from`; a node is asked only where a block is to be named.
 * @throws USAGE (options that do not go together, or give no anchor), CONFIG, and what `readAnchorBlock` and
 * `chooseValidators` do
 */
export async function changeAnchor(
  from: Anchor,
  { version, options }: { readonly version: number; readonly options: AnchorChangeOptions },
): Promise<Anchor> {
  const { staleAfter = from.staleAfter, maxStaleness = from.maxStaleness, beginsAt = from.beginsAt } = options;
  if (staleAfter > maxStaleness) {
    throw new DewproofError('USAGE', 'Facts would be frozen before they are stale; make --max-staleness the longer.');
  }
  const contract = contractOf(from, options);
  const common = { ...from, ...contract, version, beginsAt, staleAfter, maxStaleness, roots: rootsOf(from, options) };
  const block = await blockOf(common, options);
  const checkpoint = (options.begin === undefined ? block?.checkpoint : undefined) ?? from.checkpoint;
  return parse({ ...common, finality: await finalityOf(from.finality, { block, options }), checkpoint });
}

function contractOf(from: Anchor, { registry, codeHash }: AnchorChangeOptions): Pick<Anchor, 'registry' | 'codeHash'> {
  if ((registry === undefined) !== (codeHash === undefined)) {
    throw new DewproofError('USAGE', 'Another registry has other code: give both --registry and --code-hash.');
  }
  return { registry: registry ?? from.registry, codeHash: codeHash ?? from.codeHash };
}

function rootsOf({ roots }: Anchor, { root, threshold }: AnchorChangeOptions): Anchor['roots'] {
  if (root === undefined && threshold === undefined) return roots;
  const accounts = root ?? roots?.accounts;
  if (accounts === undefined || threshold === undefined) {
    throw new DewproofError('USAGE', 'Say who the roots are and how many of them must sign: --root and --threshold.');
  }
  return { threshold, accounts: [...accounts] };
}

async function blockOf(anchor: Anchor, options: AnchorChangeOptions): Promise<NamedBlock | undefined> {
  const { begin } = options;
  if (begin !== undefined && anchor.finality.kind !== 'qbft') {
    throw new DewproofError('USAGE', 'Only an anchor of validators begins at another block; use --checkpoint.');
  }
  const height = options.checkpoint ?? begin ?? (areValidatorsAsked(options) ? 'latest' : undefined);
  if (height === undefined) return undefined;
  const read = await readAnchorBlock(anchor, { url: options.url ?? (await nodeOf(anchor, options)), height });
  return { ...read, checkpoint: checkpointOf(read.header, toHex(blockHash(read.header, read.node.crypto))) };
}

function areValidatorsAsked(options: AnchorChangeOptions): boolean {
  return options.validators !== undefined || validatorContractOf(options) !== undefined;
}

async function nodeOf({ finality }: Anchor, { home }: AnchorChangeOptions): Promise<string> {
  const url = finality.kind === 'rpc' ? finality.url : await nodeOfHome(home);
  if (url !== undefined) return url;
  throw new DewproofError('USAGE', 'No node is known to read the block from; name one with --url.');
}

/** None is needed: where it does not open, the node may be named as well. */
async function nodeOfHome(home: string): Promise<string | undefined> {
  try {
    return (await openHome(home)).config.node;
  } catch (error) {
    if (!hasCode(error, 'CONFIG')) throw error;
    throw new DewproofError('CONFIG', `${error.message} Or name the node with --url.`, { cause: error });
  }
}

/** With validators the block is also where following them begins. */
async function finalityOf(
  from: Finality,
  { block, options }: { readonly block: NamedBlock | undefined; readonly options: AnchorChangeOptions },
): Promise<Finality> {
  const { witness } = options;
  if (witness !== undefined) return { kind: 'witnesses', witnesses: [...witness] };
  const old = from.kind === 'qbft' ? from : undefined;
  if (!areValidatorsAsked(options) && old === undefined) return from;
  const epochLength = options.epochLength ?? old?.epochLength ?? 30_000;
  if (block === undefined) return { ...(old as Extract<Finality, { kind: 'qbft' }>), epochLength };
  const { height, hash } = block.checkpoint;
  const named = options.validators === true ? undefined : options.validators;
  const choice = { named, contract: validatorContractOf(options), old };
  const chosen = await chooseValidators(block.header, choice, block.node);
  return { kind: 'qbft', ...chosen, height, hash, epochLength };
}

function validatorContractOf({
  validatorContract: address,
  validatorSlot: slot,
}: AnchorChangeOptions): ValidatorChoice['contract'] {
  if (address !== undefined && slot !== undefined) return { address, slot };
  if (address === undefined && slot === undefined) return undefined;
  throw new DewproofError(
    'USAGE',
    "Say where the validators' contract stands and in which slot it has them: --validator-contract and --validator-slot.",
  );
}

function checkpointOf({ height, time }: Header, hash: `0x${string}`): NamedBlock['checkpoint'] {
  return { height: Number(height), hash, time: Number(time) };
}

function parse(anchor: Anchor): Anchor {
  // Through JSON, as a device reads it: what is undefined is left out.
  const parsed = anchorSchema.safeParse(JSON.parse(JSON.stringify(anchor)));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new DewproofError('USAGE', `That makes no anchor: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}.`);
}
