import { DewproofError } from '../../core/errors.ts';

const MAX_HEADERS = 32;
const MAX_BYTES = 8_192;
// These say how the connection is used, or where the request goes: that is ours to say.
const OURS =
  /^(?:host|connection|content-length|transfer-encoding|upgrade|te|trailer|keep-alive|expect|via|forwarded|proxy-.*|x-forwarded-.*)$/i;
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** The headers that a resource may send. @throws SCHEMA, FORBIDDEN (a header that is not its to set) */
export function verifyOutboundHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(headers);
  const bytes = entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (entries.length > MAX_HEADERS || bytes > MAX_BYTES) {
    throw new DewproofError('SCHEMA', `A request has at most ${MAX_HEADERS} headers of ${MAX_BYTES} bytes together.`);
  }
  for (const [name, value] of entries) {
    if (!NAME.test(name) || !VALUE.test(value)) throw new DewproofError('SCHEMA', 'A header is not valid (RFC 9110).');
    if (OURS.test(name)) throw new DewproofError('FORBIDDEN', `The header ${name} is not the script's to set.`);
  }
  return headers;
}
