import type { CompletedCommand, CompletedOption, Value } from './completion-tree.ts';

/** A completion for fish: a condition that tells at which command the cursor is, and a line for each word there. */
export function fishCompletion(tree: readonly CompletedCommand[]): string {
  return `# fish completion of dewproof; load it with: dewproof completion fish | source
function __dewproof_at --description 'whether the words before the cursor lead to a command'
    set -l words (commandline -opc)
    set -l path
    set -l skip 0
    for word in $words[2..]
        if test $skip -eq 1
            set skip 0
            continue
        end
        switch "$path|$word"
${tree.flatMap(pathArms).join('\n')}
        end
    end
    test "$path" = "$argv[1]"
end
complete -c dewproof -f
${tree.flatMap(linesOf).join('\n')}
`;
}

function pathArms(command: CompletedCommand): readonly string[] {
  const here = command.path.join(' ');
  const taking = command.options.filter(({ value }) => value !== undefined).flatMap(({ names }) => names);
  return [
    ...command.subcommands.map(({ name }) => {
      const next = [...command.path, name].join(' ');
      return `            case ${quote(`${here}|${name}`)}\n                set path ${quote(next)}`;
    }),
    ...(taking.length === 0
      ? []
      : [`            case ${taking.map((name) => quote(`${here}|${name}`)).join(' ')}\n                set skip 1`]),
  ];
}

function linesOf(command: CompletedCommand): readonly string[] {
  const at = `complete -c dewproof -n ${quote(`__dewproof_at ${quote(command.path.join(' '))}`)}`;
  const choices = command.args.flatMap((value) => (value.kind === 'choices' ? value.choices : []));
  return [
    ...command.subcommands.map(({ name, description }) => `${at} -a ${quote(name)} -d ${quote(description)}`),
    ...(choices.length === 0 ? [] : [`${at} -a ${quote(choices.join(' '))}`]),
    ...command.options.map((option) => `${at} ${optionWords(option)} -d ${quote(option.description)}`),
  ];
}

function optionWords({ names, value }: CompletedOption): string {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  return [...flags, ...(value === undefined ? [] : [valueWords(value)])].join(' ');
}

function valueWords(value: Value): string {
  switch (value.kind) {
    case 'choices':
      return `-x -a ${quote(value.choices.join(' '))}`;
    case 'file':
      return '-r -F';
    case 'folder':
      return `-x -a '(__fish_complete_directories)'`;
    case 'any':
      return '-x';
  }
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
