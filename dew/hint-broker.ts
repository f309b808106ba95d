import type { GroupId } from '../core/ids.ts';
import { formatHint, hintTopic, type Hint } from '../core/wire/hint.ts';
import type { Log } from '../platform/log.ts';
import { startBroker } from '../platform/mqtt/broker.ts';

/**
 * Tells a group's devices that a look is worth while. Nobody waits for it: anyone may listen, and who reads nothing holds
 * a message up for seconds; devices look by themselves, too.
 */
export type SendHint = (group: GroupId, hint: Hint) => void;

/** A dew's broker: it carries hints to its groups' devices and takes nothing from anybody. */
export interface HintBroker {
  readonly url: string;
  readonly hint: SendHint;
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
    hint: (group, hint) => {
      broker.publish({ topic: hintTopic(group), payload: Buffer.from(formatHint(hint)) }).catch((error: unknown) => {
        options.log.warn({ error, group }, 'A hint could not be sent; devices look by themselves');
      });
    },
    close: () => broker.close(),
  };
}
