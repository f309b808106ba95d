import { Option, type Command } from 'commander';
import { durationMs } from '../core/document/duration.ts';
import { argument, parseUrl, parseWholeNumber } from './options.ts';

/** What both of a witness's commands take; each goes over what `config.yaml` says. */
export interface WitnessOptions {
  readonly node?: string;
  readonly confirmations?: number;
  readonly staleAfter?: string;
}

/** Adds what a witness follows and when it signs. */
export function addWitnessOptions(command: Command): Command {
  return command
    .addOption(new Option('--node <url>', 'its own node, over JSON-RPC').argParser(argument(parseUrl)))
    .addOption(
      new Option('--confirmations <n>', 'blocks that must stand on one before it is signed (default: 12)').argParser(
        argument((text) => parseWholeNumber(text, { min: 0, max: 1000 })),
      ),
    )
    .addOption(
      new Option(
        '--stale-after <duration>',
        "the anchors' staleAfter: an idle head is signed again every eighth of it (default: 24h)",
      ).argParser(argument(parseDuration({ minMs: 8_000 }))),
    );
}

/** Makes a parser of durations that leaves the text as it is. @throws TypeError */
export function parseDuration({ minMs }: { readonly minMs: number }): (text: string) => string {
  return (text) => {
    const ms = /^[1-9][0-9]{0,8}(?:ms|s|m|h|d)$/.test(text) ? durationMs(text) : Number.NaN;
    if (ms >= minMs && ms <= 31_536_000_000) return text;
    throw new TypeError(`Expected a duration as in 30s, from ${minMs} ms to 365d.`);
  };
}
