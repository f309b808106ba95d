import { InvalidArgumentError, Option, type Command } from 'commander';
import { outputFormats, type OutputFormat } from './output/print.ts';

/** What every command takes. */
export interface GlobalOptions {
  readonly home: string;
  readonly passwordFile?: string;
  readonly output: OutputFormat;
}

/** Adds the options that every command takes, before the command's name and after it. */
export function addGlobalOptions(program: Command): void {
  program.addOption(homeOption().env('DEWPROOF_HOME').default('.dewproof'));
  program.addOption(passwordFileOption().env('DEWPROOF_PASSWORD_FILE'));
  program.addOption(outputOption().default('table'));
  for (const command of leavesOf(program)) {
    // Without defaults: only what was said here goes over what was said before the command's name.
    for (const option of [homeOption(), passwordFileOption(), outputOption()]) {
      command.addOption(option.helpGroup('Global options:'));
    }
  }
}

/** All options that a command was given, the nearest to it first; of which type, its own definition says. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- as commander's own `opts<T>()`
export function optionsOf<Options extends GlobalOptions>(command: Command): Options {
  const outer = command.parent === null ? {} : optionsOf(command.parent);
  return { ...outer, ...command.opts() };
}

function leavesOf(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}

const homeOption = () => new Option('--home <folder>', 'folder of the key and the configuration');
const passwordFileOption = () => new Option('--password-file <file>', "file with the key's password");
const outputOption = () => new Option('-o, --output <format>', 'form of the data on stdout').choices(outputFormats);

/** Makes a parser an option's: what it refuses is a mistake on the command line (exit code 64). */
export function argument<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
    }
  };
}

/** As `argument`, for an option that may be given several times or with values parted by commas. */
export function listArgument<T>(parse: (text: string) => T): (text: string, previous?: readonly T[]) => readonly T[] {
  return (text, previous = []) => [...previous, ...text.split(',').map(argument(parse))];
}

/** Parses a whole number within bounds. @throws TypeError */
export function parseWholeNumber(text: string, bounds: { readonly min: number; readonly max: number }): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= bounds.min && value <= bounds.max) return value;
  throw new TypeError(`Expected a whole number from ${bounds.min} to ${bounds.max}.`);
}

/** Parses an HTTP address to its normal form. @throws TypeError */
export function parseUrl(text: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol)) return url.href;
  throw new TypeError('Expected an address as in http://dew.local:8470.');
}

/** As `parseUrl`, for a server's address that paths are put after: no slash at its end. @throws TypeError */
export function parseServerUrl(text: string): string {
  return parseUrl(text).replace(/\/+$/, '');
}

/** Parses a broker's address. @throws TypeError */
export function parseMqttUrl(text: string): string {
  if (/^mqtts?:$/.test(URL.parse(text)?.protocol ?? '')) return text;
  throw new TypeError('Expected an address as in mqtt://dew.local:1884.');
}
