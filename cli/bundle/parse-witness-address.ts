import { parseServerUrl } from '../options.ts';
import type { WitnessAddress } from './collect-note.ts';

/** Parses `NAME=URL`. @throws TypeError */
export function parseWitnessAddress(text: string): WitnessAddress {
  const end = text.indexOf('=');
  if (end < 1) throw new TypeError('Expected a witness as in north=http://10.0.7.2:8460.');
  return { name: text.slice(0, end), url: parseServerUrl(text.slice(end + 1)) };
}
