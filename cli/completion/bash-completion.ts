import type { CompletedCommand, Value } from './completion-tree.ts';

/**
 * A completion for bash 4 and newer. It walks the words before the cursor to find the command that they lead to, passes
 * over options' values on the way, then offers what that command takes at this place.
 */
export function bashCompletion(tree: readonly CompletedCommand[]): string {
  return `# bash completion of dewproof; load it with: source <(dewproof completion bash)
_dewproof() {
  local cur prev path='' count=0 word i skip=0 words='' kind=any
  COMPREPLY=()
  # \`--name=value\` comes as three words.
  cur=\${COMP_WORDS[COMP_CWORD]}
  prev=\${COMP_WORDS[COMP_CWORD-1]}
  [[ $cur == '=' ]] && cur=''
  [[ $prev == '=' ]] && prev=\${COMP_WORDS[COMP_CWORD-2]}
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if ((skip)); then
      [[ $word == '=' ]] || skip=0
      continue
    fi
    case "$path|$word" in
${commandArms(tree)}
${valueArms(tree)}
      *'|'-*) ;;
      *) ((count++)) ;;
    esac
  done
  case "$path|$prev" in
${optionArms(tree)}
    *)
      if [[ $cur == -* ]]; then
        case $path in
${tree.map((one) => `          ${quote(pathOf(one))}) words=${quote(one.options.flatMap(({ names }) => names).join(' '))} ;;`).join('\n')}
        esac
      else
        case "$path|$count" in
${argumentArms(tree)}
        esac
      fi ;;
  esac
  case $kind in
    file) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); compopt -o filenames 2>/dev/null ;;
    folder) mapfile -t COMPREPLY < <(compgen -d -- "$cur"); compopt -o filenames 2>/dev/null ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur") ;;
  esac
}
complete -F _dewproof dewproof
`;
}

function commandArms(tree: readonly CompletedCommand[]): string {
  const arms = tree.flatMap((one) =>
    one.subcommands.map(
      ({ name }) => `      ${quote(`${pathOf(one)}|${name}`)}) path=${quote([...one.path, name].join(' '))} ;;`,
    ),
  );
  return arms.join('\n');
}

function valueArms(tree: readonly CompletedCommand[]): string {
  return tree
    .flatMap((one) => {
      const names = one.options.filter(({ value }) => value !== undefined).flatMap((option) => option.names);
      return names.length === 0 ? [] : [`      ${patterns(names.map((name) => `${pathOf(one)}|${name}`))}) skip=1 ;;`];
    })
    .join('\n');
}

function optionArms(tree: readonly CompletedCommand[]): string {
  return tree
    .flatMap((one) =>
      one.options.flatMap(({ names, value }) =>
        value === undefined
          ? []
          : [`    ${patterns(names.map((name) => `${pathOf(one)}|${name}`))}) ${offer(value)} ;;`],
      ),
    )
    .join('\n');
}

function argumentArms(tree: readonly CompletedCommand[]): string {
  return tree
    .flatMap((one) => {
      const subcommands = one.subcommands.map(({ name }) => name);
      const words = subcommands.length > 0 ? [{ kind: 'choices', choices: subcommands } as const] : one.args;
      return words.map((value, place) => `          ${quote(`${pathOf(one)}|${place}`)}) ${offer(value)} ;;`);
    })
    .join('\n');
}

function offer(value: Value): string {
  return value.kind === 'choices' ? `words=${quote(value.choices.join(' '))}` : `kind=${value.kind}`;
}

function pathOf({ path }: CompletedCommand): string {
  return path.join(' ');
}

function patterns(texts: readonly string[]): string {
  return texts.map(quote).join(' | ');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
