import type { GroupId } from '../core/ids.ts';
import { formatHint, hintTopic, type Hint } from '../core/wire/hint.ts';
import type { Log } from '../platform/log.ts';
import { startBroker } from '../platform/mqtt/broker.ts';

/** A dew's broker: it carries hints to its groups' devices and takes nothing from anybody. */
export interface HintBroker {
  readonly url: string;
  readonly hint: (group: GroupId, hint: Hint) => Promise<void>;
  close(): Promise<void>;
}

const MAX_PACKET_BYTES = 1024;

/** Starts the broker; anyone may listen to hints, which say nothing but that a look is worth while. @throws PORT_IN_USE, CONFIG */
export async function startHintBroker(options: {
  readonly host: string;
  readonly port: number;
  readonly groups: ReadonlySet<GroupId>;
  readonly log: Log;
}): Promise<HintBroker> {
  const { groups, ...rest } = options;
  const topics = new Set([...groups].map(hintTopic));
  const broker = await startBroker({
    ...rest,
    maxPacketBytes: MAX_PACKET_BYTES,
    maxConnections: 4096,
    authorizeSubscribe: ({ topic }) => topics.has(topic),
  });
  return {
    url: broker.url,
    hint: (group, hint) => broker.publish({ topic: hintTopic(group), payload: Buffer.from(formatHint(hint)) }),
    close: () => broker.close(),
  };
}
