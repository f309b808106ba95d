import type { Agent } from '../agent.ts';
import type { EdgeOptions } from '../edge-options.ts';
import { freshnessOfResource, trustStatus } from '../state/trust-status.ts';
import { readStatus, type EdgeStatus } from '../status.ts';
import type { Ground } from './open-ground.ts';
import type { Mind } from './open-mind.ts';
import type { Works } from './open-works.ts';

/** What a status is read of. */
export type StatusOptions = EdgeOptions &
  Ground &
  Mind &
  Works & { readonly agent: Agent; readonly url: string; readonly mqttUrl: string };

/** What the device does just now. */
export function readEdgeStatus(options: StatusOptions): EdgeStatus {
  const { account, config, memory, links, keeper, anchors, belief, proofCrypto, askable = [] } = options;
  const { agent, receipts, refusals, clock, url, mqttUrl } = options;
  return readStatus({
    account,
    tenant: config.tenant,
    group: config.group,
    url,
    mqttUrl,
    agent,
    receipts,
    refusals,
    clock,
    head: () => memory.head?.block,
    links: () => links.current().links,
    trust: () => trustStatus({ keeper, account, clock, anchors, proofCrypto, asking: { askable, ...config } }),
    freshnessOf: (resource) => freshnessOfResource(resource, { ...keeper, account }),
    opinion: belief.clock.opinion,
  });
}
