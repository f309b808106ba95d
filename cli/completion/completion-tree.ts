import type { Command, Option } from 'commander';

/** What can follow an option or stand for an argument. */
export type Value =
  | { readonly kind: 'choices'; readonly choices: readonly string[] }
  | { readonly kind: 'file' }
  | { readonly kind: 'folder' }
  | { readonly kind: 'any' };

/** An option, all its names with their dashes; `value` undefined where it takes none. */
export interface CompletedOption {
  readonly names: readonly string[];
  readonly description: string;
  readonly value: Value | undefined;
}

/** A command, by the words that lead to it (none for `dewproof` itself). */
export interface CompletedCommand {
  readonly path: readonly string[];
  readonly subcommands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly CompletedOption[];
  /** By place; the last one stands for all that follow where it takes several. */
  readonly args: readonly Value[];
}

/** The command line as completions need it, from the program itself. */
export function completionTree(command: Command, path: readonly string[] = []): readonly CompletedCommand[] {
  const { commands, options, registeredArguments } = command;
  const visible = commands.map((child) => ({ name: child.name(), description: child.summary() }));
  const help = { names: ['-h', '--help'], description: 'display help for command', value: undefined };
  const isVariadic = registeredArguments.at(-1)?.variadic === true;
  const args = registeredArguments.map(({ argChoices }): Value => choicesOf(argChoices) ?? { kind: 'any' });
  const here = { path, subcommands: visible, options: [...options.map(completedOption), help], args };
  return [
    isVariadic ? { ...here, args: [...args, ...args.slice(-1)] } : here,
    ...commands.flatMap((child) => completionTree(child, [...path, child.name()])),
  ];
}

function completedOption(option: Option): CompletedOption {
  const { short, long, description } = option;
  return { names: [short, long].filter((name) => name !== undefined), description, value: valueOf(option) };
}

/** What an option's own definition says of its value: choices, or what stands between the angles. */
function valueOf({ required, optional, flags, argChoices }: Option): Value | undefined {
  if (!required && !optional) return undefined;
  const choices = choicesOf(argChoices);
  if (choices !== undefined) return choices;
  const name = /[<[]([\w:-]+)/.exec(flags)?.[1];
  if (name === 'folder') return { kind: 'folder' };
  return name === 'file' || name === 'path' ? { kind: 'file' } : { kind: 'any' };
}

function choicesOf(choices: readonly string[] | undefined): Value | undefined {
  return choices === undefined ? undefined : { kind: 'choices', choices };
}
