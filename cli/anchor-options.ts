import { Option, type Command } from 'commander';
import type { Witness } from '../chain/light/witness/cosignature.ts';
import { parseAccount, type Account } from '../core/account.ts';
import type { Bytes32 } from '../core/digest.ts';
import { durationMs } from '../core/document/duration.ts';
import { argument, listArgument, parseUrl, parseWholeNumber, type GlobalOptions } from './options.ts';

/** What both `anchor create` and `anchor rotate` change of an anchor; durations in seconds. */
export interface AnchorChangeOptions extends GlobalOptions {
  readonly witness?: readonly Witness[];
  /** True: those that the block of `checkpoint` lists. */
  readonly validators?: true | readonly Account[];
  readonly validatorContract?: Account;
  readonly validatorSlot?: Bytes32;
  readonly epochLength?: number;
  readonly root?: readonly Account[];
  readonly threshold?: number;
  readonly staleAfter?: number;
  readonly maxStaleness?: number;
  readonly checkpoint?: number | 'latest';
  readonly begin?: number | 'latest';
  readonly registry?: Account;
  readonly codeHash?: Bytes32;
  readonly beginsAt?: number;
  readonly url?: string;
  readonly sign?: boolean;
  readonly force?: boolean;
}

const height = argument((text) => parseWholeNumber(text, { min: 0, max: Number.MAX_SAFE_INTEGER }));
const count = argument((text) => parseWholeNumber(text, { min: 1, max: 1_000_000 }));

/** Adds what may be changed of an anchor. */
export function addAnchorOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--witness <name=key...>', 'trust these witnesses, as `witness init` prints them').argParser(
        listArgument(parseWitness),
      ),
    )
    .addOption(
      new Option('--validators [account...]', 'trust QBFT validators: these, or those that the block lists')
        .argParser(listArgument(parseAccount))
        .conflicts('witness'),
    )
    .addOption(
      new Option('--validator-contract <address>', 'the contract that names the validators, where headers list nobody')
        .argParser(argument(parseAccount))
        .conflicts('witness'),
    )
    .addOption(
      new Option('--validator-slot <slot>', 'where its address[] of them stands, as `solc --storage-layout` tells')
        .argParser(argument(parseSlot))
        .conflicts('witness'),
    )
    .addOption(new Option('--epoch-length <n>', "the genesis file's epochlength (with validators)").argParser(count))
    .addOption(
      new Option('--root <account...>', 'who may replace the anchor from afar').argParser(listArgument(parseAccount)),
    )
    .addOption(new Option('--threshold <m>', 'how many of the roots must sign').argParser(count))
    .addOption(
      new Option('--stale-after <duration>', 'how long a fact counts as fresh').argParser(argument(parseSeconds)),
    )
    .addOption(
      new Option('--max-staleness <duration>', 'after how long a fact counts as frozen').argParser(
        argument(parseSeconds),
      ),
    )
    .addOption(
      new Option(
        '--checkpoint <height>',
        'no block before this one counts; `latest`: the newest that has another on it',
      ).argParser((text) => (text === 'latest' ? text : height(text))),
    )
    .addOption(
      new Option(
        '--begin <height>',
        'follow the validators from this block on, and leave the checkpoint: what devices accepted stands',
      )
        .argParser((text) => (text === 'latest' ? text : height(text)))
        .conflicts(['checkpoint', 'witness']),
    )
    .addOption(new Option('--registry <address>', 'another registry').argParser(argument(parseAccount)))
    .addOption(
      new Option('--code-hash <hash>', "keccak256 of the other registry's code").argParser(argument(parseHash)),
    )
    .addOption(new Option('--begins-at <height>', 'where the other registry begins').argParser(height))
    .addOption(
      new Option('--url <url>', "the node to read the block from, in place of the home's").argParser(
        argument(parseUrl),
      ),
    )
    .option('--sign', "sign it with the home's key at once")
    .option('--force', 'replace the file');
}

/** Parses `NAME=PUBLICKEY`; what is a name, the anchor's schema says. @throws TypeError */
function parseWitness(text: string): Witness {
  const [, name, key] = /^([^=]+)=(0x[0-9a-fA-F]{64})$/.exec(text) ?? [];
  if (name !== undefined && key !== undefined) return { name, publicKey: key.toLowerCase() as `0x${string}` };
  throw new TypeError('Expected a witness as in north=0x and 64 hexadecimal digits, its public key.');
}

function parseHash(text: string): Bytes32 {
  if (/^0x[0-9a-fA-F]{64}$/.test(text)) return text.toLowerCase() as Bytes32;
  throw new TypeError('Expected 0x and 64 hexadecimal digits.');
}

/** A number, or up to 32 bytes in hexadecimal digits, as a word of 32 bytes. */
function parseSlot(text: string): Bytes32 {
  const isSlot = /^(?:\d{1,15}|0x[0-9a-fA-F]{1,64})$/.test(text);
  if (isSlot) return `0x${BigInt(text).toString(16).padStart(64, '0')}`;
  throw new TypeError('Expected the number of a storage slot, as in 0.');
}

function parseSeconds(text: string): number {
  const ms = durationMs(text);
  if (ms >= 1000 && ms % 1000 === 0) return ms / 1000;
  throw new TypeError('Expected a duration of whole seconds, as in 24h.');
}
