import type { Account } from '../../core/account.ts';
import type { StateFacts } from '../../core/state/verified-state.ts';
import type { DewClient } from '../dew-client.ts';
import type { Refusals } from '../refusals.ts';
import { createAnchoredSource, trustsNode, type AnchoredSourceDeps } from './anchored-source.ts';
import { EDGE_BUNDLE_PATH } from './bundle-route.ts';
import { createBundleSource } from './bundle-source.ts';
import type { FollowStateDeps } from './follow-state.ts';
import { findGroupPeers } from './group-peers.ts';
import { watchPeerAbsence } from './peer-absence.ts';
import { watchWithheld } from './watch-withheld.ts';

// Peers are for what dews keep back: they need not be as quick.
const PEERS_EVERY = 3;
// A minute, by default: as long as a host takes to start.
const PEER_PATIENCE = 2;

/** Where a device hears of the ledger from. */
export interface SourcesOptions extends Pick<AnchoredSourceDeps, 'anchors' | 'openNodeSource'> {
  readonly account: Account;
  readonly dewUrls: readonly string[];
  /** Other edges of the group. */
  readonly peerUrls: readonly string[];
  /** Has dews hand over the profiles of others of the group. */
  readonly content: DewClient['content'];
  readonly state: () => StateFacts | undefined;
  readonly pollEveryMs: number;
  readonly random: () => number;
  readonly refusals: Refusals;
}

/** The sources that a device follows. */
export interface Sources {
  readonly source: FollowStateDeps['source'];
  readonly peers: FollowStateDeps['source'];
  /** Other edges of the group (`http://host:port`), by their approved profiles. */
  readonly foundUrls: () => readonly string[];
  /** Somebody hinted that there is news. */
  readonly wake: () => void;
  /** A bundle was accepted, of a block of this height. */
  readonly taken: (bundle: Uint8Array, height: bigint) => void;
  readonly close: () => Promise<void>;
}

/**
 * Opens the sources; nobody is asked yet. A node that the anchor in use trusts is asked alone: nobody else's word counts
 * then.
 */
export function openSources(options: SourcesOptions): Sources {
  const { anchors, account, dewUrls, peerUrls, pollEveryMs, random, refusals } = options;
  const elapsedMs = () => performance.now();
  const withheld = watchWithheld({
    everyMs: pollEveryMs,
    elapsedMs,
    onWithheld: ({ server, height }) => {
      const message = `This dew server withholds block ${height.toString()}, which another edge proved: ask another one, and its operator.`;
      refusals.record({ about: server, code: 'FREEZE', message });
    },
  });
  const dews = createBundleSource({
    urls: () => dewUrls.map((url) => new URL(`/v1/bundles/${account}`, url).href),
    everyMs: pollEveryMs,
    random,
    onAnswer: (answer) => {
      const { server: about, error } = answer;
      if (error === undefined) withheld.answered(answer);
      else refusals.record({ about, code: error.code, message: error.message });
    },
  });
  const peersEveryMs = pollEveryMs * PEERS_EVERY;
  const found = findGroupPeers({ ...options, everyMs: peersEveryMs, elapsedMs });
  const peers = createBundleSource({
    urls: () =>
      trustsNode(anchors.current())
        ? []
        : [...new Set([...peerUrls, ...found.urls()])].map((url) => new URL(EDGE_BUNDLE_PATH, url).href),
    everyMs: peersEveryMs,
    // Each may follow another dew.
    asksInARow: 1,
    random,
    onAnswer: watchPeerAbsence({ patienceMs: PEER_PATIENCE * peersEveryMs, elapsedMs, refusals }),
  });
  const source = createAnchoredSource({ ...options, proofs: dews });
  return {
    source: { ...source, originOf: dews.originOf, forget: dews.forget },
    peers,
    foundUrls: () => found.urls().map((url) => new URL(url).origin),
    wake: dews.wake,
    taken: (bundle, height) => {
      if (dews.originOf(bundle) !== undefined) withheld.taken({ by: 'dew', height });
      else if (peers.originOf(bundle) !== undefined) withheld.taken({ by: 'peer', height });
    },
    close: async () => {
      await Promise.all([source.close(), peers.close(), found.close()]);
    },
  };
}
