import { DriverError } from '@virt-drivers/core';
import type { Command } from 'commander';
import type { Register } from '../command.js';

interface Words {
  /** Path of the command, for example `virt volume`. */
  readonly path: string;
  readonly words: readonly string[];
}

function collectWords(command: Command, path: string): readonly Words[] {
  const visible = command.commands.filter((inner) => inner.name() !== 'help');
  const flags = command.options.flatMap(({ long }) => (long ? [long] : []));
  const own = { path, words: [...visible.map((inner) => inner.name()), ...flags, '--help'] };
  return [own, ...visible.flatMap((inner) => collectWords(inner, `${path} ${inner.name()}`))];
}

const bash = (all: readonly Words[]): string => `_virt() {
  local path=virt word words
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $word" in
${all
  .slice(1)
  .map(({ path }) => `      "${path}") path="${path}" ;;`)
  .join('\n')}
    esac
  done
  case "$path" in
${all.map(({ path, words }) => `    "${path}") words="${words.join(' ')}" ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _virt virt`;

const zsh = (all: readonly Words[]): string => `autoload -U +X bashcompinit && bashcompinit\n${bash(all)}`;

const fish = (all: readonly Words[]): string =>
  all
    .flatMap(({ path, words }) => {
      const inner = path.split(' ').slice(1);
      const seen = inner.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ') || '__fish_use_subcommand';
      return words.map((word) =>
        word.startsWith('--')
          ? `complete -c virt -n '${seen}' -l ${word.slice(2)}`
          : `complete -c virt -f -n '${seen}' -a ${word}`,
      );
    })
    .join('\n');

const SHELLS = { bash, zsh, fish };

export const registerCompletion: Register = (program, attach) => {
  attach(
    program
      .command('completion')
      .summary('completion script for a shell')
      .description('Prints a completion script. For example: source <(virt completion bash)')
      .argument('<shell>', Object.keys(SHELLS).join(', ')),
    async ({ terminal }, [shell = '']) => {
      const write = Object.entries(SHELLS).find(([name]) => name === shell)?.[1];
      if (!write)
        throw new DriverError(
          'REQUEST.INVALID',
          `Shell ${shell} is not known. There are scripts for: ${Object.keys(SHELLS).join(', ')}.`,
        );
      terminal.stdout.write(`${write(collectWords(program, 'virt'))}\n`);
    },
  );
};
