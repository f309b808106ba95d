import { DewproofError } from '../../../core/errors.ts';
import { MAX_PAYLOAD_BYTES } from '../../payload/parse-payload.ts';
import { blockOf, blockOption } from './block-option.ts';
import { codeText, coapCodes, coapOptions, type CoapMessage, type CoapOption } from './coap-message.ts';

/** Asks for one more block of the resource that answered first. */
export type AskBlock = (block: CoapOption) => Promise<CoapMessage>;

/**
 * The whole content of an answer, its further blocks fetched one by one (RFC 7959 section 2.4): in order, of one ETag,
 * and of at most `MAX_PAYLOAD_BYTES` together.
 * @throws SENSOR_UNAVAILABLE (an answer that is no content), ENDLESS_DATA, SCHEMA (blocks that do not fit), `askBlock`'s
 */
export async function collectContent(first: CoapMessage, askBlock: AskBlock): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let answer = first;
  let bytes = 0;
  for (let number = 0; ; number += 1) {
    verifyContent(answer);
    bytes += answer.payload.length;
    if (bytes > MAX_PAYLOAD_BYTES) throw endless();
    parts.push(answer.payload);
    if (!answer.options.some((option) => option.number === coapOptions.block2)) {
      if (number > 0) throw misfit();
      return answer.payload;
    }
    const block = blockOf(answer.options);
    if (block?.number !== number || etagOf(answer) !== etagOf(first)) throw misfit();
    if (!block.hasMore) return Buffer.concat(parts);
    // An empty block with more to come would go on for ever.
    if (answer.payload.length !== 2 ** (block.exponent + 4)) throw misfit();
    answer = await askBlock(blockOption({ number: number + 1, exponent: block.exponent }));
  }
}

/** Takes the code 2.05 alone. @throws SENSOR_UNAVAILABLE */
export function verifyContent({ code }: CoapMessage): void {
  if (code === coapCodes.CONTENT) return;
  throw new DewproofError('SENSOR_UNAVAILABLE', `The sensor answers ${codeText(code)} instead of a value.`, {
    details: { answer: codeText(code) },
  });
}

function etagOf({ options }: CoapMessage): string | undefined {
  const etag = options.find(({ number }) => number === coapOptions.etag);
  return etag && Buffer.from(etag.value).toString('hex');
}

function endless(): DewproofError {
  return new DewproofError('ENDLESS_DATA', `The sensor sends more than ${MAX_PAYLOAD_BYTES} bytes.`);
}

function misfit(): DewproofError {
  return new DewproofError('SCHEMA', "The blocks of the sensor's answer do not fit together; it is asked again.");
}
