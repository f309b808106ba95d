import { Transform } from 'node:stream';
import { DewproofError } from '../../core/errors.ts';

/**
 * A stream that passes MQTT packets (3.1.1, section 2.2) through and fails with ENDLESS_DATA at the first that claims
 * more than `maxBytes`: a parser behind it would buffer up to 256 MiB of one before it told anyone.
 */
export function limitPackets(maxBytes: number): Transform {
  let frame = { headerBytes: 0, length: 0, left: 0 };

  function take(byte: number): void {
    frame.headerBytes += 1;
    if (frame.headerBytes === 1) return;
    frame.length += (byte & 127) * 128 ** (frame.headerBytes - 2);
    if (frame.length > maxBytes || frame.headerBytes > 5) {
      throw new DewproofError('ENDLESS_DATA', `An MQTT packet is longer than ${maxBytes} bytes: send less.`);
    }
    if (byte < 128) frame = { headerBytes: 0, length: 0, left: frame.length };
  }

  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      try {
        for (let at = 0; at < chunk.length;) {
          const skipped = Math.min(frame.left, chunk.length - at);
          frame.left -= skipped;
          at += skipped;
          const byte = chunk[at];
          if (frame.left === 0 && byte !== undefined) {
            take(byte);
            at += 1;
          }
        }
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
  });
}
