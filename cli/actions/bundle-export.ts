import { resolve } from 'node:path';
import { openEvmLedger } from '../../chain/evm/evm-ledger.ts';
import { openRpc } from '../../chain/evm/json-rpc.ts';
import { decodeBundle } from '../../chain/light/bundle/decode-bundle.ts';
import { checkBundle } from '../../chain/light/check-bundle.ts';
import { loadProofCrypto } from '../../chain/light/crypto/load-crypto.ts';
import { chooseClaims } from '../../chain/light/make/choose-claims.ts';
import { makeBundle } from '../../chain/light/make/make-bundle.ts';
import { NO_GROUP } from '../../chain/light/read-whole.ts';
import { MAX_NOTE_BYTES } from '../../chain/light/witness/verify-note.ts';
import { DewproofError } from '../../core/errors.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import { reduceBatch } from '../../core/ledger/reduce.ts';
import { emptyLedgerState, type LedgerState } from '../../core/ledger/state.ts';
import type { Anchor } from '../../core/state/anchor.ts';
import { collectNote } from '../bundle/collect-note.ts';
import { readBundle, readBundleAnchor } from '../bundle/read-bundle.ts';
import type { BundleExportOptions } from '../commands/bundle-export.ts';
import { askNode } from '../ledger/ask-node.ts';
import { openHome } from '../home/open-home.ts';
import { readAnchor } from '../home/read-anchor.ts';
import { readCapped } from '../home/read-capped.ts';
import { writeDurably } from '../home/write-durably.ts';
import { printRecord } from '../output/print.ts';

/** Where the witnesses' word comes from. */
interface Asked {
  readonly note: string | undefined;
  readonly witness: BundleExportOptions['witness'] | undefined;
}

/**
 * Writes a device's bundle to a file, once it opens against the anchor.
 * @throws SCHEMA (the earlier bundle), LEDGER_UNAVAILABLE, LEDGER_BEHIND, WRONG_CHAIN, PROOF_INVALID, QUORUM, NOT_PROVED, CONFIG, USAGE, CONFLICT
 */
export async function exportBundle(file: string, options: BundleExportOptions): Promise<void> {
  const anchor = await readBundleAnchor(options);
  const witness = options.witness ?? (await homeWitnesses(anchor, options));
  const note = await readNote(anchor, { note: options.note, witness });
  const url = options.url ?? (await homeNode(options));
  const crypto = await loadProofCrypto();
  const ledger = await openEvmLedger({ anchor: askNode(anchor, { node: url }) });
  try {
    const height = note ? heightOf(note) : (await ledger.head()).height;
    const state = await readStateUpTo(ledger, height);
    const group = state.devices.get(options.device)?.group ?? NO_GROUP;
    const claims = chooseClaims(state, { account: options.device, group });
    const known = options.from === undefined ? undefined : decodeBundle(await readBundle(options.from)).changes;
    const bundle = await makeBundle({ claims, height, note, known }, { rpc: openRpc({ url }), anchor, crypto });
    checkBundle(bundle, { anchor, now: 0n, crypto });
    await writeDurably(resolve(file), bundle, { replace: options.force === true, mode: 0o644, isNamed: true });
    await printRecord({ file, bytes: bundle.length, height }, options.output);
  } finally {
    await ledger.close();
  }
}

/** Those of the home's configuration whom the anchor names, where it wants any; who has no home names them. */
async function homeWitnesses(anchor: Anchor, { home, note }: BundleExportOptions): Promise<Asked['witness']> {
  const { finality } = anchor;
  if (finality.kind !== 'witnesses' || note !== undefined) return undefined;
  const witnesses = await openHome(home).then(
    ({ config }) => config.witnesses,
    () => [],
  );
  const known = witnesses.filter(({ name }) => finality.witnesses.some((one) => one.name === name));
  return known.length > 0 ? known : undefined;
}

/** The node of the home's own anchor, or of its configuration. @throws CONFIG */
async function homeNode(options: BundleExportOptions): Promise<string> {
  const home = await openHome(options.home);
  return askNode(await readAnchor(home.anchorFile), home.config).finality.url;
}

/** @throws USAGE, CONFIG, QUORUM, EQUIVOCATION */
async function readNote(anchor: Anchor, { note, witness }: Asked): Promise<Uint8Array | undefined> {
  const { finality } = anchor;
  if (finality.kind === 'rpc') {
    throw new DewproofError(
      'CONFIG',
      'This anchor trusts a node, so nothing can be proved to who has it; name one of validators or witnesses with --anchor.',
    );
  }
  const isNoted = note !== undefined || witness !== undefined;
  if ((finality.kind === 'witnesses') !== isNoted) {
    throw new DewproofError(
      'USAGE',
      'An anchor of witnesses wants them (--witness, or --home of a dew that names them) or their note (--note), one of validators neither.',
    );
  }
  if (finality.kind === 'witnesses' && witness !== undefined) return collectNote(witness, { ...anchor, finality });
  return note === undefined ? undefined : await readCapped(note, { maxBytes: MAX_NOTE_BYTES });
}

/** The second line of a note. @throws SCHEMA */
function heightOf(note: Uint8Array): bigint {
  const [, height = ''] = Buffer.from(note).toString('utf8').split('\n');
  if (/^(?:0|[1-9][0-9]{0,18})$/.test(height)) return BigInt(height);
  throw new DewproofError('SCHEMA', 'The note names no height in its second line; get it anew.');
}

/** The state as the events of all blocks to `height` leave it. */
async function readStateUpTo(ledger: Ledger, height: bigint): Promise<LedgerState> {
  const { signal } = new AbortController();
  let state = emptyLedgerState;
  for await (const batch of ledger.events({ after: undefined, follow: false, signal })) {
    if (batch.block.height > height) break;
    state = reduceBatch(state, batch);
  }
  return state;
}
