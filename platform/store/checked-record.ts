import { digestOf } from '../../core/digest.ts';
import { DewproofError } from '../../core/errors.ts';

/** `text` with its SHA-256 in front, so that a decayed disk is noticed: LevelDB does not check what it reads. */
export function sealRecord(text: string): string {
  return `${digestOf(Buffer.from(text))}\n${text}`;
}

/** The text of a sealed record. @throws STORE_CORRUPT */
export function openRecord(record: string): string {
  const end = record.indexOf('\n');
  const text = record.slice(end + 1);
  if (end !== -1 && record.slice(0, end) === digestOf(Buffer.from(text))) return text;
  throw new DewproofError(
    'STORE_CORRUPT',
    'A stored record does not match its checksum: move the data folder away and restart; its state comes back from the ledger and the dew server.',
  );
}
