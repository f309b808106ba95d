import { DewproofError } from '../../core/errors.ts';
import { anchorSchema, type Anchor } from '../../core/state/anchor.ts';
import type { Finality } from '../../core/state/finality.ts';
import type { AnchorChangeOptions } from '../anchor-options.ts';
import { openHome } from '../home/open-home.ts';
import { readAnchorBlock, type AnchorBlock } from './read-block.ts';

/**
 * An anchor of `version` with what the options change of `from`; a node is asked only where a block is to be named.
 * @throws USAGE (options that do not go together, or give no anchor), CONFIG, and what `readAnchorBlock` does
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
  const checkpoint = block === undefined ? from.checkpoint : checkpointOf(block);
  return parse({ ...common, finality: finalityOf(from.finality, { block, options }), checkpoint });
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

async function blockOf(anchor: Anchor, options: AnchorChangeOptions): Promise<AnchorBlock | undefined> {
  const height = options.checkpoint ?? (options.validators === undefined ? undefined : 'latest');
  if (height === undefined) return undefined;
  return readAnchorBlock(anchor, { url: options.url ?? (await nodeOf(anchor, options)), height });
}

async function nodeOf({ finality }: Anchor, { home }: AnchorChangeOptions): Promise<string> {
  const url = finality.kind === 'rpc' ? finality.url : (await openHome(home)).config.node;
  if (url !== undefined) return url;
  throw new DewproofError('USAGE', 'No node is known to read the block from; name one with --url.');
}

/** With validators the block is also where following them begins. */
function finalityOf(
  from: Finality,
  { block, options }: { readonly block: AnchorBlock | undefined; readonly options: AnchorChangeOptions },
): Finality {
  const { witness, validators } = options;
  if (witness !== undefined) return { kind: 'witnesses', witnesses: [...witness] };
  const old = from.kind === 'qbft' ? from : undefined;
  if (validators === undefined && old === undefined) return from;
  const epochLength = options.epochLength ?? old?.epochLength ?? 30_000;
  if (block === undefined) return { ...(old as Extract<Finality, { kind: 'qbft' }>), epochLength };
  const named = validators === true ? undefined : validators;
  const { height, hash } = block;
  return { kind: 'qbft', validators: [...validatorsAt(block, { named, old })], height, hash, epochLength };
}

function validatorsAt(
  { height, validators: listed }: AnchorBlock,
  {
    named,
    old,
  }: {
    readonly named: readonly `0x${string}`[] | undefined;
    readonly old: Extract<Finality, { kind: 'qbft' }> | undefined;
  },
): readonly `0x${string}`[] {
  if (listed === undefined) {
    throw new DewproofError(
      'USAGE',
      `Block ${height} is not QBFT's, so that its validators can't be trusted; use --witness.`,
    );
  }
  const wanted = named?.toSorted();
  if (listed.length === 0) {
    // A contract names them: nothing that could be read here does.
    const kept = wanted ?? old?.validators;
    if (kept !== undefined) return kept;
    throw new DewproofError('USAGE', 'A contract names the validators of this chain; list them: --validators 0x… 0x….');
  }
  if (wanted === undefined || wanted.join() === listed.join()) return listed;
  throw new DewproofError(
    'USAGE',
    `Block ${height} lists other validators: ${listed.join(', ')}; see which are right.`,
  );
}

function checkpointOf({ height, hash, time }: AnchorBlock): Anchor['checkpoint'] {
  return { height, hash, time };
}

function parse(anchor: Anchor): Anchor {
  // Through JSON, as a device reads it: what is undefined is left out.
  const parsed = anchorSchema.safeParse(JSON.parse(JSON.stringify(anchor)));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new DewproofError('USAGE', `That makes no anchor: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}.`);
}
