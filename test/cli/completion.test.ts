import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bashCompletion } from '../../cli/completion/bash-completion.ts';
import { completionTree } from '../../cli/completion/completion-tree.ts';
import { fishCompletion } from '../../cli/completion/fish-completion.ts';
import { zshCompletion } from '../../cli/completion/zsh-completion.ts';
import { createProgram } from '../../cli/program.ts';
import { leavesOf } from './render-reference.ts';
import { runDewproof } from './run-dewproof.ts';

const tree = completionTree(createProgram());
const folder = mkdtempSync(join(tmpdir(), 'dewproof-completion-'));
const scripts = { bash: bashCompletion(tree), zsh: zshCompletion(tree), fish: fishCompletion(tree) };
const fileOf = (shell: keyof typeof scripts) => {
  const file = join(folder, `dewproof.${shell}`);
  writeFileSync(file, scripts[shell]);
  return file;
};
const has = (shell: string) => spawnSync(shell, ['--version']).status === 0;
for (const shell of Object.keys(scripts)) {
  if (!has(shell)) process.stderr.write(`${shell} is not installed: its completion is written and not tried.\n`);
}

/** What the real bash offers where the cursor stands after `words`, the last of them unfinished. */
function bashOffers(...words: readonly string[]): readonly string[] {
  const program =
    'source "$1"; shift; COMP_WORDS=(dewproof "$@"); COMP_CWORD=$#; _dewproof; printf "%s\\n" "${COMPREPLY[@]}"';
  const { stdout, stderr, status } = spawnSync('bash', ['-c', program, 'bash', fileOf('bash'), ...words], {
    cwd: folder,
  });
  expect([stderr.toString(), status]).toEqual(['', 0]);
  return stdout.toString().split('\n').filter(Boolean);
}

/** What one bash offers after each of many lines of plain words: a process for each would take minutes on a busy machine. */
function bashOffersAll(lines: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const program =
    'source "$1"; while read -ra words; do COMP_WORDS=(dewproof "${words[@]}"); COMP_CWORD=${#words[@]}; COMPREPLY=(); _dewproof; echo "${COMPREPLY[*]}"; done';
  const input = lines.map((words) => `${words.join(' ')}\n`).join('');
  const { stdout, stderr, status } = spawnSync('bash', ['-c', program, 'bash', fileOf('bash')], { cwd: folder, input });
  expect([stderr.toString(), status]).toEqual(['', 0]);
  const offers = stdout.toString().split('\n').slice(0, -1);
  return offers.map((line) => line.split(' ').filter(Boolean));
}

describe.runIf(has('bash'))('in bash', () => {
  test('commands, groups of commands, and what follows options on the way', () => {
    expect(bashOffers('e')).toEqual(['edge']);
    expect(bashOffers('edge', '')).toEqual(['start']);
    expect(bashOffers('governance', 'schedule', '')).toEqual(['grant', 'revoke', 'threshold']);
    expect(bashOffers('--home', 'device', 'ed')).toEqual(['edge']);
    expect(bashOffers('--home', '=', 'device', 'ed')).toEqual(['edge']);
    expect(bashOffers('status', '')).toEqual([]);
  });

  test('options of the command, long and short', () => {
    expect(bashOffers('logs', '--l')).toEqual(['--level', '--lines']);
    expect(bashOffers('logs', '-f', '--fo')).toEqual(['--follow']);
    expect(bashOffers('edge', 'start', '--metrics')).toEqual(['--metrics-port', '--metrics-host']);
  });

  test('choices of options and arguments, at their place', () => {
    expect(bashOffers('get', '-o', '')).toEqual(['table', 'json', 'yaml']);
    expect(bashOffers('get', '--output', '=', 'j')).toEqual(['json']);
    expect(bashOffers('get', '--output', '=')).toEqual(['table', 'json', 'yaml']);
    expect(bashOffers('logs', '--level', 'w')).toEqual(['warn']);
    expect(bashOffers('completion', '')).toEqual(['bash', 'zsh', 'fish']);
    expect(bashOffers('completion', 'bash', '')).toEqual([]);
    expect(bashOffers('governance', 'schedule', 'grant', 'gu')).toEqual(['guardian']);
  });

  test('files and folders', () => {
    writeFileSync(join(folder, 'barn climate.yaml'), '');
    mkdirSync(join(folder, 'barn-folder'));
    expect(bashOffers('apply', '-f', 'barn').toSorted()).toEqual(['barn climate.yaml', 'barn-folder']);
    expect(bashOffers('status', '--data', 'barn')).toEqual(['barn-folder']);
  });

  test('every command and every option that there is', () => {
    const leaves = leavesOf(createProgram()).map(({ path, command }) => ({
      words: path.split(' ').slice(1),
      options: command.options.flatMap(({ long }) => long ?? []),
    }));
    const named = leaves.map(({ words }) => words).filter((words) => words.length > 0);
    const names = bashOffersAll(named);
    for (const [index, words] of named.entries()) expect(names[index], words.join(' ')).toContain(words.at(-1));
    const offered = bashOffersAll(leaves.map(({ words }) => [...words, '--']));
    for (const [index, { words, options }] of leaves.entries()) {
      expect(offered[index], words.join(' ')).toEqual(expect.arrayContaining(options));
    }
  });
});

test.each(['zsh', 'fish'] as const)('%s takes its completion', (shell) => {
  if (!has(shell)) {
    expect(scripts[shell]).toContain('governance');
    return;
  }
  const { status, stderr } = spawnSync(shell, ['-n', fileOf(shell)]);
  expect([stderr.toString(), status]).toEqual(['', 0]);
});

test.runIf(has('fish'))('fish offers commands, options and choices', () => {
  const offers = (line: string) => {
    const { stdout, stderr } = spawnSync('fish', [
      '--no-config',
      '-c',
      `source ${fileOf('fish')}; complete -C '${line}'`,
    ]);
    expect(stderr.toString()).toBe('');
    return stdout
      .toString()
      .split('\n')
      .filter(Boolean)
      .map((one) => one.split('\t')[0]);
  };
  expect(offers('dewproof governance schedule ')).toEqual(['grant', 'revoke', 'threshold']);
  expect(offers('dewproof --home device ed')).toEqual(['edge']);
  expect(offers('dewproof logs --level w')).toEqual(['warn']);
  expect(offers('dewproof logs --fo')).toEqual(['--follow']);
  expect(offers('dewproof completion ').toSorted()).toEqual(['bash', 'fish', 'zsh']);
});

test.runIf(has('zsh'))('zsh defines a function for every command', () => {
  const program = `autoload -Uz compinit; compinit -D; source ${fileOf('zsh')}; print -r -- $_comps[dewproof]; whence -w _dewproof_governance_schedule_grant`;
  const { stdout, stderr } = spawnSync('zsh', ['-f', '-c', program], {
    env: { ...process.env, ZDOTDIR: folder, HOME: folder },
  });
  expect([stderr.toString(), stdout.toString()]).toEqual([
    '',
    '_dewproof\n_dewproof_governance_schedule_grant: function\n',
  ]);
});

test('the command writes them', async () => {
  for (const [shell, script] of Object.entries(scripts)) {
    const { stdout, exitCode } = await runDewproof(['completion', shell]);
    expect([shell, exitCode, stdout === script]).toEqual([shell, 0, true]);
  }
  expect(await runDewproof(['completion', 'tcsh'])).toMatchObject({ exitCode: 64, stdout: '' });
});
