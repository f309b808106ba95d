import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { onTestFinished } from 'vitest';
import { NO_BYTES, type CoapMessage } from '../../../../edge/transports/coap/coap-message.ts';
import { encodeMessage } from '../../../../edge/transports/coap/encode-message.ts';
import { parseMessage } from '../../../../edge/transports/coap/parse-message.ts';

/** What a test does with a message that arrived; `send` answers as any socket that it is given. */
export interface Arrived {
  readonly message: CoapMessage;
  readonly send: (answer: Partial<CoapMessage>, options?: { readonly by?: Socket }) => void;
  readonly sendRaw: (bytes: Uint8Array, options?: { readonly by?: Socket }) => void;
}

/** A CoAP server that does to every message what the test says, and keeps what arrived; gone when the test is. */
export async function hostileCoap(onMessage: (arrived: Arrived) => void) {
  const socket = await boundSocket();
  const arrived: CoapMessage[] = [];
  const answerTo = (message: CoapMessage, from: RemoteInfo): Arrived => {
    const sendRaw: Arrived['sendRaw'] = (bytes, { by = socket } = {}) => {
      by.send(bytes, from.port, from.address);
    };
    const send: Arrived['send'] = (answer, options) => {
      const { id, token } = message;
      const whole = { type: 'ACK', code: 0x45, id, token, options: [], payload: NO_BYTES, ...answer } as const;
      sendRaw(encodeMessage(whole), options);
    };
    return { message, send, sendRaw };
  };
  socket.on('message', (bytes, from) => {
    const message = parseMessage(bytes);
    if (message === undefined) return;
    arrived.push(message);
    onMessage(answerTo(message, from));
  });
  return { port: socket.address().port, arrived };
}

/** A UDP socket of 127.0.0.1, closed with the test. */
export async function boundSocket(): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => {
    socket.bind(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    socket.close();
  });
  return socket;
}
