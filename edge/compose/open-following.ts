import { groupIdOf, type ResourceId } from '../../core/ids.ts';
import { startAgent, type Agent } from '../agent.ts';
import type { AnchorsFollower } from '../anchors/follow-anchors.ts';
import type { Opened } from '../close-all.ts';
import { createDewClient, type DewClient } from '../dew-client.ts';
import type { EdgeOptions } from '../edge-options.ts';
import { followHints } from '../follow-hints.ts';
import { createObserver } from '../observer.ts';
import type { Refusals } from '../refusals.ts';
import { createRotationJudge } from '../state/judge-rotation.ts';
import { followTime } from '../state/follow-time.ts';
import { openSources, type Sources } from '../state/open-sources.ts';
import type { Ground } from './open-ground.ts';
import type { Mind } from './open-mind.ts';
import type { Works } from './open-works.ts';

const POLL_EVERY_MS = 10_000;
// Dews and other edges ask for anchors as often as this device does.
const ROTATION_ROUNDS = 6;

type Device = EdgeOptions & Ground & Mind & Works;

/** What following needs; `onSources` is told before anything is followed who is to hear of each bundle. */
export type FollowingOptions = Device & { readonly onSources: (heard: (bundle: Uint8Array) => void) => void };

/** Starts the agent, which starts what is remembered, and follows the ledger, dews, peers, anchors, secrets and time. */
export async function openFollowing(options: FollowingOptions, opened: Opened): Promise<{ readonly agent: Agent }> {
  const { config, keeper, metrics, memory } = options;
  const pollEveryMs = config.pollEveryMs ?? POLL_EVERY_MS;
  const dew = openDewClient(options);
  const sources = openDeviceSources({ ...options, dew, pollEveryMs }, opened);
  options.onSources((bundle) => {
    sources.taken(bundle, keeper.newest()?.state.block.height ?? 0n);
  });
  const begun = options.anchors.current();
  const newAnchors = followNewAnchors({ ...options, sources, pollEveryMs }, opened);
  const agent = await openAgent({ ...options, sources, dew, pollEveryMs, newAnchors }, opened);
  options.anchors.onChange(() => void agent.believeAnew());
  // One may have come while it started.
  if (options.anchors.current() !== begun) void agent.believeAnew();
  options.links.onUp(() => {
    agent.retry({ code: 'LINK_MISSING' });
  });
  const wakeSecrets = followNewSecrets({ ...options, agent, pollEveryMs }, opened);
  const isSplit = () => keeper.split() !== undefined;
  const vouchedAt = () => keeper.newest()?.state.attestedAt;
  metrics.watch({ units: agent.units, head: () => memory.head?.block, vouchedAt, isSplit, clock: options.clock });
  askForTime({ ...options, onTime: agent.askAnew }, opened);
  const wakeAll = () => {
    for (const wake of [agent.wake, sources.wake, wakeSecrets, newAnchors.wake]) wake();
  };
  listenForHints({ ...options, onHint: wakeAll }, opened);
  return { agent };
}

function openDewClient({
  config,
  signer,
  account,
  refusals,
}: EdgeOptions & { readonly refusals: Refusals }): DewClient {
  return createDewClient({
    urls: config.dewUrls,
    signer,
    account,
    onRefusal: ({ url, error: { code, message } }) => {
      refusals.record({ about: url, code, message });
    },
  });
}

interface Paced {
  readonly pollEveryMs: number;
}

function openDeviceSources(options: Device & Paced & { readonly dew: DewClient }, opened: Opened): Sources {
  const { config, dew, keeper } = options;
  const sources = openSources({
    ...options,
    dewUrls: config.dewUrls,
    peerUrls: config.peerUrls ?? [],
    content: dew.content,
    state: () => keeper.newest()?.state,
  });
  opened.push(sources.close);
  return sources;
}

async function openAgent(
  options: Device &
    Paced & { readonly sources: Sources; readonly dew: DewClient; readonly newAnchors: AnchorsFollower },
  opened: Opened,
): Promise<Agent> {
  const { sources, receipts, runtimes, hosts, log, metrics, newAnchors, pollEveryMs } = options;
  const agent = await startAgent({
    ...options,
    ...sources,
    receipts: receipts.sink,
    observer: createObserver({ log, metrics }),
    onNothingNewer: metrics.heard,
    isOfRotation: createRotationJudge({
      ...options,
      askAnchors: newAnchors.ask,
      elapsedMs: () => performance.now(),
      graceMs: ROTATION_ROUNDS * pollEveryMs,
    }),
    hosts: { ...runtimes, ...hosts },
  });
  opened.push(() => agent.close());
  return agent;
}

function followNewAnchors(options: Device & Paced & { readonly sources: Sources }, opened: Opened): AnchorsFollower {
  const { anchors, config, sources, pollEveryMs, random } = options;
  const urls = [...config.dewUrls, ...(config.peerUrls ?? [])];
  const following = anchors.follow({ urls, foundUrls: sources.foundUrls, everyMs: pollEveryMs, random });
  opened.push(() => following.close());
  return following;
}

function followNewSecrets(options: Device & Paced & { readonly agent: Agent }, opened: Opened): () => void {
  const onArrived = (resource: ResourceId) => {
    options.agent.retry({ resource });
  };
  const following = options.followSecrets({ everyMs: options.pollEveryMs, onArrived });
  opened.push(() => following.close());
  return () => {
    following.wake();
  };
}

function askForTime({ askNonce, anchors, ...options }: Device & { readonly onTime: () => void }, opened: Opened): void {
  if (askNonce === undefined) return;
  const following = followTime({ ...options, anchors, askNonce });
  anchors.onChange(following.wake);
  opened.push(following.close);
}

function listenForHints(options: EdgeOptions & { readonly onHint: () => void }, opened: Opened): void {
  const { tenant, group: name, hintUrls = [] } = options.config;
  const hints = followHints({ ...options, urls: hintUrls, group: groupIdOf({ tenant, name }) });
  opened.push(() => hints.close());
}
