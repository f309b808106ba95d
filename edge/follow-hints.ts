import type { GroupId } from '../core/ids.ts';
import { hintTopic, parseHint } from '../core/wire/hint.ts';
import type { Log } from '../platform/log.ts';
import { connectCapped } from './bus/connect-capped.ts';

const RECONNECT_FIRST_MS = 5000;
const MAX_PACKET_BYTES = 1024;

/** Whose hints to listen to, at which dews' brokers (`mqtt://host:port`). */
export interface HintOptions {
  readonly urls: readonly string[];
  readonly group: GroupId;
  /** 0 up to but not including 1. */
  readonly random: () => number;
  readonly onHint: () => void;
  readonly log: Log;
}

/** Listens to the dews' hints until closed. A hint says only that a look is worth while: what is there, others prove. */
export function followHints(options: HintOptions): { close(): Promise<void> } {
  const topic = hintTopic(options.group);
  const clients = options.urls.map((url) => {
    // Edges that lost one broker must not come back in step.
    const reconnectEveryMs = RECONNECT_FIRST_MS * (1 + options.random());
    const client = connectCapped({ url, maxPacketBytes: MAX_PACKET_BYTES, reconnectEveryMs });
    client.on('error', (error) => {
      options.log.debug({ error, url }, "A dew's broker can not be reached");
    });
    // What was said while nobody listened may have been a hint.
    client.on('connect', () => {
      client.subscribe(topic, { qos: 0 });
      options.onHint();
    });
    client.on('message', (_topic, payload) => {
      if (isHint(payload)) options.onHint();
    });
    return client;
  });
  return {
    close: async () => {
      await Promise.all(clients.map((client) => client.endAsync(true)));
    },
  };
}

function isHint(payload: Uint8Array): boolean {
  try {
    parseHint(payload);
    return true;
  } catch {
    return false;
  }
}
