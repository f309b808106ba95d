import { decodeBundle } from '../../chain/light/bundle/decode-bundle.ts';
import { loadProofCrypto } from '../../chain/light/crypto/load-crypto.ts';
import { toHex } from '../../chain/light/hex.ts';
import { parseQbftExtra } from '../../chain/light/qbft/extra-data.ts';
import { parseHeader, type Header } from '../../chain/light/qbft/header.ts';
import { blockHash, isBftHeader } from '../../chain/light/qbft/header-hash.ts';
import { claimCounts } from '../bundle/bundle-rows.ts';
import { readBundle } from '../bundle/read-bundle.ts';
import type { GlobalOptions } from '../options.ts';
import { printRecord } from '../output/print.ts';
import { showTime } from '../show-time.ts';

/** Prints what a bundle's file claims; nothing of it is verified. @throws SCHEMA, TOO_DEEP, ENDLESS_DATA, PROOF_INVALID, USAGE */
export async function inspectBundle(file: string, options: GlobalOptions): Promise<void> {
  const bytes = await readBundle(file);
  const bundle = decodeBundle(bytes);
  const header = parseHeader(bundle.header);
  const hash = toHex(blockHash(header, await loadProofCrypto()));
  const record = {
    verdict: 'not verified',
    version: 1,
    bytes: bytes.length,
    block: { height: header.height, hash, time: showTime(header.time), stateRoot: toHex(header.stateRoot) },
    ...sealsOf(header),
    // A line each: the body's, then the witnesses'.
    note: bundle.note && Buffer.from(bundle.note).toString('utf8').trimEnd().split('\n'),
    ...claimCounts(bundle),
  };
  await printRecord(record, options.output);
}

function sealsOf(header: Header): object {
  if (!isBftHeader(header)) return {};
  const { validators, seals } = parseQbftExtra(header.extraData);
  return { seals: seals.length, validators };
}
