import { checkBundle } from '../../chain/light/check-bundle.ts';
import { loadProofCrypto } from '../../chain/light/crypto/load-crypto.ts';
import { factRows } from '../bundle/bundle-rows.ts';
import { readBundle, readBundleAnchor } from '../bundle/read-bundle.ts';
import type { BundleVerifyOptions } from '../commands/bundle-verify.ts';
import { printRecord } from '../output/print.ts';
import { showTime } from '../show-time.ts';

/**
 * Checks a bundle's file against the anchor, offline, and prints what it proves.
 * @throws what `checkBundle` does; USAGE, CONFIG
 */
export async function verifyBundle(file: string, options: BundleVerifyOptions): Promise<void> {
  const anchor = await readBundleAnchor(options);
  const bytes = await readBundle(file);
  const crypto = await loadProofCrypto();
  const now = options.clock ? BigInt(Math.floor(Date.now() / 1000)) : 0n;
  const { finalized, facts } = checkBundle(bytes, { anchor, now, crypto });
  const { head, hash, attestedAt, signers, members } = finalized;
  const record = {
    verdict: 'verified',
    bytes: bytes.length,
    chain: anchor.chain,
    registry: anchor.registry,
    block: { height: head.height, hash, time: showTime(head.time) },
    finality: { kind: anchor.finality.kind, signed: signers.length, of: members, signers, at: showTime(attestedAt) },
    facts: factRows(facts),
    checkedWith: crypto.name,
  };
  await printRecord(record, options.output);
}
