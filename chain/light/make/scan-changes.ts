import type { Account } from '../../../core/account.ts';
import { MAX_CHANGES } from '../bundle/limits.ts';
import type { ProofCrypto } from '../crypto/proof-crypto.ts';
import { parseQbftExtra } from '../qbft/extra-data.ts';
import type { Header } from '../qbft/header.ts';
import type { QbftHeader } from '../qbft/recover-sealers.ts';
import { sameSet } from '../qbft/same-set.ts';
import type { QbftFinality } from '../qbft/verify-qbft.ts';
import type { HeaderAt } from './find-changes.ts';
import { noWay } from './no-way.ts';
import { beginScan, proveListed, scanHeader, type Scan } from './scan-header.ts';

interface Deps {
  readonly finality: QbftFinality;
  readonly headerAt: HeaderAt;
  readonly crypto: ProofCrypto;
}

/** Headers (a minute or two of a node's time) for one search: a node that makes changes up has no end of them. */
const MAX_SCANNED = 100_000;

/**
 * Finds the headers that lead from the anchor's validators to those of `head` by reading every block of each epoch at
 * whose end others are listed than at its beginning. It finds them wherever there are any, also where votes were taken
 * back or sets came and went, and costs as many headers as an epoch has blocks.
 * @throws NOT_PROVED (the chain holds no such headers), what `headerAt` throws
 */
export async function scanChanges(head: Header, { finality, headerAt, crypto }: Deps): Promise<readonly Uint8Array[]> {
  const epochLength = BigInt(finality.epochLength);
  const at = async (height: bigint) => sealedOf(height === head.height ? head : await headerAt(height));
  let scan = beginScan(finality.validators);
  let height = BigInt(finality.height) + 1n;
  for (let read = 0; height < head.height; read++, height += 1n) {
    const isApart = read === 0 || height % epochLength === 0n;
    if (isApart) height = await skipQuiet(height, { trusted: scan.shown.validators, head, epochLength, at });
    if (isApart && height === head.height) break;
    if (read > MAX_SCANNED || scan.changes.length > MAX_CHANGES) throw noWay(head);
    scan = orThrow(scanHeader(scan, await at(height), { epochLength, crypto }), head);
  }
  const { changes } = orThrow(proveListed(scan, sealedOf(head), crypto), head);
  // A device takes no more.
  if (changes.length > MAX_CHANGES) throw noWay(head);
  return readAll(changes, headerAt);
}

interface Quiet {
  readonly trusted: readonly Account[];
  readonly head: Header;
  readonly epochLength: bigint;
  readonly at: (height: bigint) => Promise<QbftHeader>;
}

/**
 * From the beginning of an epoch, where no vote counts yet, the beginning of the one in which the set changes for good
 * (by bisection), or the head's height where it does not; `height` itself where it changed right here.
 */
async function skipQuiet(height: bigint, { trusted, head, epochLength, at }: Quiet): Promise<bigint> {
  const lists = async (one: bigint) => sameSet((await at(one)).extra.validators, trusted);
  if (!(await lists(height))) return height;
  if (await lists(head.height)) return head.height;
  let [same, other] = [height / epochLength, head.height / epochLength + 1n];
  while (other - same > 1n) {
    const middle = (same + other) / 2n;
    if (await lists(middle * epochLength)) same = middle;
    else other = middle;
  }
  return same * epochLength > height ? same * epochLength : height;
}

function sealedOf(header: Header): QbftHeader {
  return { header, extra: parseQbftExtra(header.extraData) };
}

/** The headers of blocks, oldest first. */
async function readAll(heights: readonly bigint[], headerAt: HeaderAt): Promise<readonly Uint8Array[]> {
  const headers: Uint8Array[] = [];
  for (const height of heights.toSorted((one, other) => Number(one - other))) {
    headers.push((await headerAt(height)).raw);
  }
  return headers;
}

function orThrow(scan: Scan | undefined, head: Header): Scan {
  if (scan) return scan;
  throw noWay(head);
}
