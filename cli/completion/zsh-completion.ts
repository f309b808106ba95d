import type { CompletedCommand, CompletedOption, Value } from './completion-tree.ts';

/** A completion for zsh: one function a command, which `_arguments` reads. */
export function zshCompletion(tree: readonly CompletedCommand[]): string {
  return `#compdef dewproof
# zsh completion of dewproof; load it with: source <(dewproof completion zsh)
${tree.map(functionOf).join('\n')}
compdef _dewproof dewproof
`;
}

function functionOf(command: CompletedCommand): string {
  const name = functionName(command.path);
  const options = command.options.flatMap(optionSpecs).map((spec) => `    ${quote(spec)} \\\n`);
  if (command.subcommands.length === 0) {
    const args = command.args.map((value, index) => `    ${quote(`${index + 1}:argument:${actionOf(value)}`)} \\\n`);
    return `${name}() {\n  _arguments \\\n${[...options, ...args].join('')}    ${quote('*: :')}\n}`;
  }
  const described = command.subcommands.map(({ name: word, description }) => `    ${quote(`${word}:${description}`)}`);
  const arms = command.subcommands.map(
    ({ name: word }) => `      ${word}) ${functionName([...command.path, word])} ;;`,
  );
  return `${name}() {
  local curcontext="$curcontext" state line
  typeset -A opt_args
  local -a subcommands=(
${described.join('\n')}
  )
  _arguments -C \\
${options.join('')}    '1: :->command' '*:: :->rest'
  case $state in
    command) _describe command subcommands ;;
    rest) case $line[1] in
${arms.join('\n')}
    esac ;;
  esac
}`;
}

/** `-f` and `--follow` shut one another out; colons and brackets mean something in a description. */
function optionSpecs({ names, description, value }: CompletedOption): readonly string[] {
  const others = names.length > 1 ? `(${names.join(' ')})` : '';
  const text = description.replaceAll(/[[\]:\\]/g, '\\$&');
  const action = value === undefined ? '' : `:value:${actionOf(value)}`;
  return names.map((name) => `${others}${name}[${text}]${action}`);
}

function actionOf(value: Value): string {
  switch (value.kind) {
    case 'choices':
      return `(${value.choices.join(' ')})`;
    case 'file':
      return '_files';
    case 'folder':
      return '_files -/';
    case 'any':
      return '';
  }
}

function functionName(path: readonly string[]): string {
  return ['_dewproof', ...path].join('_').replaceAll('-', '_');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
